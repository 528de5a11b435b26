/*
 * SPDX-License-Identifier: MIT
 */
#include "sound.h"

#include <errno.h>
#include <math.h>
#include <sys/stat.h>
#include <unistd.h>

#include "kit/source.h"

static int32_t check_file(const hexmcp_round *r, const char *path, struct stream *stream)
{
    struct stat about;
    if (fstat(stream->fd, &about) != 0)
        return hexmcp_fail(r->err, HEXMCP_E_GENERIC, "cannot look at %.*s: %s; try again", SHOWN(path),
                           strerror(errno));
    stream->size = about.st_size;
    if (about.st_size > FILE_MOST)
        return hexmcp_fail(r->err, HEXMCP_E_TOO_LARGE,
                           "%.*s has more than %lld bytes, the most that is taken; give a smaller file",
                           SHOWN(path), (long long)FILE_MOST);
    if (about.st_size == 0)
        return hexmcp_fail(r->err, HEXMCP_E_INVALID, "%.*s is empty; give a sound file", SHOWN(path));
    return HEXMCP_OK;
}

static int32_t tell_format(const hexmcp_round *r, const char *path, struct sound *sound)
{
    char head[FORMAT_HEAD];
    ssize_t got = pread(sound->stream.fd, head, sizeof(head), 0);
    sound->format = format_of_bytes((hexmcp_str){head, got > 0 ? (size_t)got : 0});
    if (sound->format)
        return HEXMCP_OK;
    return hexmcp_fail(r->err, HEXMCP_E_UNSUPPORTED,
                       "%.*s is no sound in a format that is known here, by its first bytes; give a WAV, "
                       "FLAC, Ogg, MP3, AIFF, AU or CAF file; for MP4, M4A, MKV and WebM take "
                       "video-processor",
                       SHOWN(path));
}

int32_t sound_open(const hexmcp_round *r, const struct request *request, struct sound *sound)
{
    *sound = (struct sound){.stream = {.fd = -1}, .pace = pace_begin(r)};
    int32_t status = source_open(r, request->path, &sound->stream.fd);
    if (status != HEXMCP_OK)
        return status;
    status = check_file(r, request->path, &sound->stream);
    if (status == HEXMCP_OK)
        status = tell_format(r, request->path, sound);
    if (status != HEXMCP_OK)
        sound_close(sound);
    return status;
}

int32_t sound_decode(const hexmcp_round *r, const struct request *request, struct sound *sound)
{
    SF_VIRTUAL_IO io = stream_io;
    sound->file = sf_open_virtual(&io, SFM_READ, &sound->info, &sound->stream);
    if (!sound->file)
        return hexmcp_fail(r->err, HEXMCP_E_INVALID, "%.*s cannot be read: %.200s; it may be damaged or cut",
                           SHOWN(request->path), sf_strerror(NULL));
    int type = sound->info.format & SF_FORMAT_TYPEMASK;
    bool is_wav = type == SF_FORMAT_WAVEX || type == SF_FORMAT_RF64;
    if (type != sound->format->type && !(is_wav && sound->format->type == SF_FORMAT_WAV))
        return hexmcp_fail(r->err, HEXMCP_E_INVALID,
                           "%.*s begins as %s and is something else inside; give an intact file",
                           SHOWN(request->path), sound->format->name);
    if (sound->info.channels < 1 || sound->info.channels > 64 || sound->info.samplerate < 1)
        return hexmcp_fail(r->err, HEXMCP_E_INVALID,
                           "%.*s says that it has %d channels at %d Hz; give an intact file",
                           SHOWN(request->path), sound->info.channels, sound->info.samplerate);
    return HEXMCP_OK;
}

double sound_duration(const struct sound *sound)
{
    bool known = sound->info.frames > 0 && sound->info.frames < SF_COUNT_MAX;
    return known ? (double)sound->info.frames / sound->info.samplerate : 0;
}

const char *sound_codec(const struct sound *sound)
{
    static const struct {
        int subtype;
        const char *name;
    } all[] = {{SF_FORMAT_PCM_S8, "pcm_8"},        {SF_FORMAT_PCM_U8, "pcm_8"},
               {SF_FORMAT_PCM_16, "pcm_16"},       {SF_FORMAT_PCM_24, "pcm_24"},
               {SF_FORMAT_PCM_32, "pcm_32"},       {SF_FORMAT_FLOAT, "float_32"},
               {SF_FORMAT_DOUBLE, "float_64"},     {SF_FORMAT_ULAW, "ulaw"},
               {SF_FORMAT_ALAW, "alaw"},           {SF_FORMAT_VORBIS, "vorbis"},
               {SF_FORMAT_OPUS, "opus"},           {SF_FORMAT_MPEG_LAYER_I, "mp1"},
               {SF_FORMAT_MPEG_LAYER_II, "mp2"},   {SF_FORMAT_MPEG_LAYER_III, "mp3"}};
    int subtype = sound->info.format & SF_FORMAT_SUBMASK;
    for (size_t i = 0; i < sizeof(all) / sizeof(all[0]); i++)
        if (all[i].subtype == subtype)
            return all[i].name;
    return "other";
}

/* Encoders and meters reckon with numbers. */
static void clean(float *samples, size_t count)
{
    for (size_t i = 0; i < count; i++)
        if (!isfinite(samples[i]))
            samples[i] = 0;
}

int32_t sound_read(struct sound *sound, float *samples, sf_count_t most, sf_count_t *got)
{
    double done = (double)sf_seek(sound->file, 0, SF_SEEK_CUR) / sound->info.samplerate;
    int32_t status = pace_step(&sound->pace, done < 0 ? 0 : done, sound_duration(sound), "seconds");
    if (status != HEXMCP_OK)
        return status;
    *got = sf_readf_float(sound->file, samples, most);
    clean(samples, (size_t)*got * (size_t)sound->info.channels);
    return HEXMCP_OK;
}

void sound_close(struct sound *sound)
{
    if (sound->file)
        sf_close(sound->file);
    if (sound->stream.fd >= 0)
        close(sound->stream.fd);
    sound->file = NULL;
    sound->stream.fd = -1;
}
