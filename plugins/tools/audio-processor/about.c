/*
 * SPDX-License-Identifier: MIT
 */
#include "kit/source.h"
#include "kit/suffix.h"
#include "sound.h"

#define TAG_MOST 1000

static void put_common(hexmcp_json_writer *w, const struct request *request,
                       const struct sound *sound)
{
    hexmcp_json_put_text(w, "operation", operation_name(request->operation));
    hexmcp_json_put_text(w, "path", request->path);
    hexmcp_json_put_text(w, "format", sound->format->name);
    hexmcp_json_put_text(w, "mime_type", sound->format->mime);
    hexmcp_json_put_int64(w, "size", sound->stream.size);
}

int32_t about_format(const hexmcp_round *r, const struct request *request, struct sound *sound)
{
    struct answer a;
    hexmcp_json_writer *w = answer_begin(&a, r);
    bool fits = suffix_fits(request->path, sound->format->suffixes);
    put_common(w, request, sound);
    hexmcp_json_put_bool(w, "name_fits", fits);
    answer_text(&a, "%.*s is a sound in the format %s%s.", SHOWN(request->path), sound->format->name,
                fits ? "" : ", which its name does not say");
    return answer_end(&a);
}

static void put_tags(hexmcp_json_writer *w, SNDFILE *file)
{
    static const struct {
        int id;
        const char *name;
    } tags[] = {{SF_STR_TITLE, "title"},     {SF_STR_ARTIST, "artist"},
                {SF_STR_ALBUM, "album"},     {SF_STR_DATE, "year"},
                {SF_STR_GENRE, "genre"},     {SF_STR_TRACKNUMBER, "track"},
                {SF_STR_COMMENT, "comment"}, {SF_STR_COPYRIGHT, "copyright"},
                {SF_STR_SOFTWARE, "software"}};
    hexmcp_json_key(w, "tags");
    hexmcp_json_begin_object(w);
    for (size_t i = 0; i < sizeof(tags) / sizeof(tags[0]); i++) {
        const char *text = sf_get_string(file, tags[i].id);
        if (text && *text)
            hexmcp_json_put_string(w, tags[i].name, (hexmcp_str){text, strnlen(text, TAG_MOST)});
    }
    hexmcp_json_end_object(w);
}

int32_t about_sound(const hexmcp_round *r, const struct request *request, struct sound *sound)
{
    struct answer a;
    hexmcp_json_writer *w = answer_begin(&a, r);
    double duration = sound_duration(sound);
    put_common(w, request, sound);
    hexmcp_json_put_text(w, "codec", sound_codec(sound));
    hexmcp_json_key(w, "duration_s");
    hexmcp_json_write_double(w, (double)(int64_t)(duration * 1000 + 0.5) / 1000);
    hexmcp_json_put_int64(w, "sample_rate", sound->info.samplerate);
    hexmcp_json_put_int64(w, "channels", sound->info.channels);
    if (duration > 0)
        hexmcp_json_put_int64(w, "bitrate", (int64_t)((double)sound->stream.size * 8 / duration));
    put_tags(w, sound->file);
    answer_text(&a, "%.*s: %s, %.1f s, %d Hz, %d channels.", SHOWN(request->path),
                sound->format->name, duration, sound->info.samplerate, sound->info.channels);
    return answer_end(&a);
}
