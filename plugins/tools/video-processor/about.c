/*
 * SPDX-License-Identifier: MIT
 */
#include <libavutil/pixdesc.h>
#include <math.h>

#include "kit/source.h"
#include "movie.h"
#include "tone.h"

#define STREAMS_SHOWN 50
#define TAGS_SHOWN 30
#define TAG_MOST 1000
#define VARIABLE 0.02

static void put_common(hexmcp_json_writer *w, const struct request *request,
                       const struct movie *movie)
{
    hexmcp_json_put_text(w, "operation", operation_name(request->operation));
    hexmcp_json_put_text(w, "path", request->path);
    hexmcp_json_put_text(w, "format", movie->format->name);
    hexmcp_json_put_text(w, "mime_type", movie->format->mime);
    hexmcp_json_put_int64(w, "size", movie->size);
}

int32_t about_format(const struct request *request, const struct movie *movie)
{
    struct answer a;
    hexmcp_json_writer *w = answer_begin(&a, movie->r);
    bool fits = format_of_name(request->path) == movie->format;
    put_common(w, request, movie);
    hexmcp_json_put_bool(w, "name_fits", fits);
    answer_text(&a, "%.*s is a video in the format %s%s.", SHOWN(request->path), movie->format->name,
                fits ? "" : ", which its name does not say");
    return answer_end(&a);
}

static void put_number(hexmcp_json_writer *w, const char *key, double value)
{
    hexmcp_json_key(w, key);
    hexmcp_json_write_double(w, isfinite(value) ? round(value * 1000) / 1000 : 0);
}

/* By the shorter side, as people say it. */
static const char *resolution_name(double width, double height)
{
    static const struct {
        int side;
        const char *name;
    } names[] = {{4320, "8K"},   {2160, "4K"},  {1440, "1440p"}, {1080, "1080p"},
                 {720, "720p"},  {576, "576p"}, {480, "480p"},   {360, "360p"},
                 {240, "240p"},  {0, "below 240p"}};
    size_t i = 0;
    while (fmin(width, height) < names[i].side)
        i++;
    return names[i].name;
}

static void put_aspect(hexmcp_json_writer *w, double width, double height)
{
    AVRational ratio = av_d2q(width / height, 100);
    char text[32];
    snprintf(text, sizeof(text), "%d:%d", ratio.num, ratio.den);
    hexmcp_json_put_text(w, "aspect", text);
}

/* The mean of the whole is told, if the file knows it; the usual distance of two pictures can differ. */
static void put_rate(hexmcp_json_writer *w, const struct movie *movie, AVStream *stream)
{
    double usual = av_q2d(av_guess_frame_rate(movie->context, stream, NULL));
    double mean = av_q2d(stream->avg_frame_rate);
    bool has_usual = isfinite(usual) && usual > 0, has_mean = isfinite(mean) && mean > 0;
    if (has_usual || has_mean)
        put_number(w, "fps", has_mean ? mean : usual);
    if (has_usual && has_mean)
        hexmcp_json_put_bool(w, "variable_frame_rate", fabs(usual - mean) > usual * VARIABLE);
}

static void put_video(hexmcp_json_writer *w, const struct movie *movie)
{
    AVStream *stream = movie->context->streams[movie->video];
    const AVPixFmtDescriptor *pixels = av_pix_fmt_desc_get((enum AVPixelFormat)stream->codecpar->format);
    double width, height;
    movie_seen(movie, stream->codecpar->width, stream->codecpar->height, &width, &height);
    hexmcp_json_put_int64(w, "width", lround(width));
    hexmcp_json_put_int64(w, "height", lround(height));
    if (width >= 1 && height >= 1) {
        hexmcp_json_put_text(w, "resolution", resolution_name(width, height));
        put_aspect(w, width, height);
    }
    hexmcp_json_put_int64(w, "rotation", movie_rotation(movie));
    if (!(stream->disposition & AV_DISPOSITION_ATTACHED_PIC))
        put_rate(w, movie, stream);
    if (pixels)
        hexmcp_json_put_int64(w, "bits", pixels->comp[0].depth);
    if (tone_is_hdr(stream->codecpar->color_trc))
        hexmcp_json_put_text(w, "hdr",
                             stream->codecpar->color_trc == AVCOL_TRC_SMPTE2084 ? "pq" : "hlg");
}

static void put_stream(hexmcp_json_writer *w, const AVStream *stream)
{
    const AVCodecParameters *par = stream->codecpar;
    const char *type = av_get_media_type_string(par->codec_type);
    const AVDictionaryEntry *language = av_dict_get(stream->metadata, "language", NULL, 0);
    hexmcp_json_begin_object(w);
    hexmcp_json_put_int64(w, "index", stream->index);
    hexmcp_json_put_text(w, "type", type ? type : "other");
    hexmcp_json_put_text(w, "codec", avcodec_get_name(par->codec_id));
    if (language)
        hexmcp_json_put_string(w, "language", (hexmcp_str){language->value, strnlen(language->value, 20)});
    if (par->codec_type == AVMEDIA_TYPE_VIDEO) {
        hexmcp_json_put_int64(w, "width", par->width);
        hexmcp_json_put_int64(w, "height", par->height);
        if (stream->disposition & AV_DISPOSITION_ATTACHED_PIC)
            hexmcp_json_put_bool(w, "cover", true);
        const char *pixels = av_get_pix_fmt_name((enum AVPixelFormat)par->format);
        if (pixels)
            hexmcp_json_put_text(w, "pixel_format", pixels);
    }
    if (par->codec_type == AVMEDIA_TYPE_AUDIO) {
        hexmcp_json_put_int64(w, "sample_rate", par->sample_rate);
        hexmcp_json_put_int64(w, "channels", par->ch_layout.nb_channels);
    }
    hexmcp_json_end_object(w);
}

static void put_streams(hexmcp_json_writer *w, const AVFormatContext *context)
{
    hexmcp_json_put_int64(w, "stream_count", context->nb_streams);
    hexmcp_json_key(w, "streams");
    hexmcp_json_begin_array(w);
    for (unsigned i = 0; i < context->nb_streams && i < STREAMS_SHOWN; i++)
        put_stream(w, context->streams[i]);
    hexmcp_json_end_array(w);
}

/* Each once, in the order of the streams. */
static void put_codecs(hexmcp_json_writer *w, const AVFormatContext *context)
{
    hexmcp_json_key(w, "codecs");
    hexmcp_json_begin_array(w);
    for (unsigned i = 0; i < context->nb_streams; i++) {
        enum AVCodecID id = context->streams[i]->codecpar->codec_id;
        unsigned before = 0;
        while (before < i && context->streams[before]->codecpar->codec_id != id)
            before++;
        if (before == i && id != AV_CODEC_ID_NONE)
            hexmcp_json_write_text(w, avcodec_get_name(id));
    }
    hexmcp_json_end_array(w);
}

/* Phones write where they were: that is told as has_location alone. */
static bool tells_place(const char *key)
{
    return strcasestr(key, "location") || strcasestr(key, "gps");
}

static void put_tags(hexmcp_json_writer *w, const AVDictionary *tags)
{
    const AVDictionaryEntry *tag = NULL;
    bool place = false;
    unsigned shown = 0;
    hexmcp_json_key(w, "tags");
    hexmcp_json_begin_object(w);
    while ((tag = av_dict_get(tags, "", tag, AV_DICT_IGNORE_SUFFIX))) {
        bool hidden = tells_place(tag->key);
        place |= hidden;
        if (!hidden && shown++ < TAGS_SHOWN && strlen(tag->key) <= 100)
            hexmcp_json_put_string(w, tag->key,
                                   (hexmcp_str){tag->value, strnlen(tag->value, TAG_MOST)});
    }
    hexmcp_json_end_object(w);
    hexmcp_json_put_bool(w, "has_location", place);
}

int32_t about_movie(const struct request *request, struct movie *movie)
{
    const AVFormatContext *context = movie->context;
    struct answer a;
    hexmcp_json_writer *w = answer_begin(&a, movie->r);
    put_common(w, request, movie);
    put_number(w, "duration_s", movie_duration(movie));
    if (context->bit_rate > 0)
        hexmcp_json_put_int64(w, "bitrate", context->bit_rate);
    if (movie->video >= 0)
        put_video(w, movie);
    put_codecs(w, context);
    put_streams(w, context);
    put_tags(w, context->metadata);
    answer_text(&a, "%.*s: %s, %.1f s, %u streams.", SHOWN(request->path), movie->format->name,
                movie_duration(movie), context->nb_streams);
    return answer_end(&a);
}
