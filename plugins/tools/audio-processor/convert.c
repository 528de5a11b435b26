/*
 * SPDX-License-Identifier: MIT
 */
#include <errno.h>
#include <math.h>
#include <sys/mman.h>
#include <unistd.h>

#include "kit/deliver.h"
#include "kit/keep.h"
#include "kit/source.h"
#include "kit/suffix.h"
#include "kit/target.h"
#include "rate.h"
#include "sound.h"

#define FRAMES 16384
#define BYTES_MOST ((sf_count_t)2 * 1024 * 1024 * 1024)

/* What is written: to a file of the caller, or to memory. */
struct output {
    struct target target; /* its fd is -1 if it is memory */
    struct stream stream;
    SNDFILE *file;
    SF_INFO info;
    struct rate rate;
    sf_count_t frames;
};

static int bits_of(const struct request *request, const struct sound *sound)
{
    int subtype = sound->info.format & SF_FORMAT_SUBMASK;
    bool fine = subtype == SF_FORMAT_PCM_24 || subtype == SF_FORMAT_PCM_32 ||
                subtype == SF_FORMAT_FLOAT || subtype == SF_FORMAT_DOUBLE;
    return request->bits ? request->bits : fine ? 24 : 16;
}

static int subtype_of(const struct request *request, const struct sound *sound)
{
    if (request->format->subtype)
        return request->format->subtype;
    return bits_of(request, sound) > 16 ? SF_FORMAT_PCM_24 : SF_FORMAT_PCM_16;
}

static int32_t plan(const hexmcp_round *r, const struct request *request, const struct sound *sound,
                    SF_INFO *info)
{
    const struct format *format = request->format;
    int rate = request->sample_rate ? request->sample_rate
                                    : format_rate(format, sound->info.samplerate);
    *info = (SF_INFO){.samplerate = rate,
                      .channels = request->mono ? 1 : sound->info.channels,
                      .format = format->type | subtype_of(request, sound)};
    if (rate == format_rate(format, rate) && sf_format_check(info) &&
        rate_possible(sound->info.samplerate, rate))
        return HEXMCP_OK;
    return hexmcp_fail(r->err, HEXMCP_E_UNSUPPORTED,
                       "%s does not take %d channels at %d Hz; take flac, leave sample_rate out, or give "
                       "mono true if there are too many channels",
                       format->name, info->channels, info->samplerate);
}

static int32_t go_to_start(const hexmcp_round *r, const struct request *request, struct sound *sound)
{
    double frame = floor(request->start * sound->info.samplerate);
    if (frame == 0)
        return HEXMCP_OK;
    if (frame < (double)sound->info.frames && sf_seek(sound->file, (sf_count_t)frame, SF_SEEK_SET) >= 0)
        return HEXMCP_OK;
    return hexmcp_fail(r->err, HEXMCP_E_INVALID,
                       "start_seconds is %.3f, but %.*s lasts %.3f s; give less", request->start,
                       SHOWN(request->path), sound_duration(sound));
}

static int32_t begin(const hexmcp_round *r, const struct request *request, struct sound *sound,
                     struct output *out)
{
    SF_VIRTUAL_IO io = stream_io;
    out->stream.fd = out->target.fd >= 0 ? out->target.fd : memfd_create("sound", MFD_CLOEXEC);
    out->stream.most = out->target.fd >= 0 ? BYTES_MOST : (sf_count_t)KEEP_MOST;
    out->file = out->stream.fd < 0 ? NULL : sf_open_virtual(&io, SFM_WRITE, &out->info, &out->stream);
    if (!out->file)
        return hexmcp_fail(r->err, HEXMCP_E_UNSUPPORTED, "%s cannot be written: %.200s; take another format",
                           request->format->name, sf_strerror(NULL));
    double quality = request->quality / 10.0;
    if (request->format->lossy)
        sf_command(out->file, SFC_SET_VBR_ENCODING_QUALITY, &quality, sizeof(quality));
    /* What is above full scale is cut, not wrapped around. */
    sf_command(out->file, SFC_SET_CLIPPING, NULL, SF_TRUE);
    for (int tag = SF_STR_FIRST; request->keep_tags && tag <= SF_STR_LAST; tag++) {
        const char *text = tag == SF_STR_SOFTWARE ? NULL : sf_get_string(sound->file, tag);
        if (text && *text)
            sf_set_string(out->file, tag, text);
    }
    return HEXMCP_OK;
}

static void mix(float *samples, sf_count_t frames, int channels)
{
    for (sf_count_t i = 0; i < frames; i++) {
        float sum = 0;
        for (int c = 0; c < channels; c++)
            sum += samples[i * channels + c];
        samples[i] = sum / (float)channels;
    }
}

static int32_t fail_write(const hexmcp_round *r, const struct request *request, const struct output *out)
{
    if (out->stream.full)
        return hexmcp_fail(r->err, HEXMCP_E_TOO_LARGE,
                           "the result has more than %lld bytes, the most that %s; give %sa part by "
                           "start_seconds and duration_seconds, or take mp3",
                           (long long)out->stream.most,
                           out->target.fd >= 0 ? "is written" : "is kept without target_path",
                           out->target.fd >= 0 ? "" : "target_path, ");
    return hexmcp_fail(r->err, HEXMCP_E_GENERIC, "%s cannot be written: %.200s", request->format->name,
                       out->stream.failure ? strerror(out->stream.failure) : sf_strerror(out->file));
}

static int32_t put_frames(const hexmcp_round *r, const struct request *request, struct output *out,
                          const float *samples, sf_count_t frames)
{
    if (frames > 0 && sf_writef_float(out->file, samples, frames) != frames)
        return fail_write(r, request, out);
    out->frames += frames;
    return HEXMCP_OK;
}

/* At the rate of the result; `frames` is 0 at the end. */
static int32_t put_at_rate(const hexmcp_round *r, const struct request *request, struct output *out,
                           const float *samples, sf_count_t frames)
{
    if (!out->rate.state)
        return put_frames(r, request, out, samples, frames);
    sf_count_t made = 1;
    int32_t status = HEXMCP_OK;
    rate_feed(&out->rate, samples, frames);
    while (status == HEXMCP_OK && made > 0) {
        status = rate_take(r, &out->rate, &made);
        if (status == HEXMCP_OK)
            status = put_frames(r, request, out, out->rate.made, made);
    }
    return status;
}

static int32_t copy(const hexmcp_round *r, const struct request *request, struct sound *sound,
                    struct output *out, float *samples)
{
    double wanted = request->duration > 0 ? ceil(request->duration * sound->info.samplerate) : INFINITY;
    sf_count_t got = 1;
    while (got > 0) {
        int32_t status = sound_read(sound, samples, (sf_count_t)fmin(FRAMES, wanted), &got);
        if (status != HEXMCP_OK)
            return status;
        wanted -= (double)got;
        if (request->mono && sound->info.channels > 1)
            mix(samples, got, sound->info.channels);
        status = put_at_rate(r, request, out, samples, got);
        if (status != HEXMCP_OK)
            return status;
    }
    return HEXMCP_OK;
}

static int32_t copy_all(const hexmcp_round *r, const struct request *request, struct sound *sound,
                        struct output *out)
{
    float *samples = malloc(FRAMES * (size_t)sound->info.channels * sizeof(*samples));
    int32_t status = begin(r, request, sound, out);
    if (!samples)
        status = hexmcp_fail(r->err, HEXMCP_E_NOMEM, "out of memory for the samples; try again");
    if (status == HEXMCP_OK && out->info.samplerate != sound->info.samplerate)
        status = rate_begin(r, &out->rate, out->info.channels, sound->info.samplerate,
                            out->info.samplerate);
    if (status == HEXMCP_OK)
        status = copy(r, request, sound, out, samples);
    rate_end(&out->rate);
    free(samples);
    if (out->file && sf_close(out->file) != 0 && status == HEXMCP_OK)
        status = fail_write(r, request, out);
    out->file = NULL;
    if (status == HEXMCP_OK && (out->stream.full || out->stream.failure))
        status = fail_write(r, request, out);
    return status;
}

static hexmcp_json_writer *put_result(struct answer *a, const hexmcp_round *r,
                                      const struct request *request, const struct sound *sound,
                                      const SF_INFO *info, double duration)
{
    hexmcp_json_writer *w = answer_begin(a, r);
    hexmcp_json_put_text(w, "operation", operation_name(request->operation));
    hexmcp_json_put_text(w, "path", request->path);
    hexmcp_json_put_text(w, "format", request->format->name);
    hexmcp_json_put_text(w, "mime_type", request->format->mime);
    hexmcp_json_put_int64(w, "sample_rate", info->samplerate);
    hexmcp_json_put_int64(w, "channels", info->channels);
    hexmcp_json_put_text(w, "source_format", sound->format->name);
    hexmcp_json_key(w, "duration_s");
    hexmcp_json_write_double(w, round(duration * 1000) / 1000);
    hexmcp_json_put_bool(w, "dry_run", request->dry_run);
    return w;
}

static int32_t put_in_place(struct answer *a, const struct request *request, struct output *out)
{
    char name[16], suffix[8];
    if (out->target.fd >= 0) {
        int32_t status = target_commit(&out->target);
        if (status == HEXMCP_OK)
            hexmcp_json_put_text(&a->json, "target_path", request->target_path);
        return status;
    }
    struct delivery kept = {.name = name, .mime = request->format->mime};
    snprintf(name, sizeof(name), "sound%s", suffix_first(request->format->suffixes, suffix));
    size_t len = (size_t)out->stream.size;
    void *bytes = mmap(NULL, len ? len : 1, PROT_READ, MAP_SHARED, out->stream.fd, 0);
    if (bytes == MAP_FAILED)
        return hexmcp_fail(a->r->err, HEXMCP_E_NOMEM, "out of memory for the result; give target_path");
    int32_t status = deliver(a, &kept, (hexmcp_str){bytes, len});
    munmap(bytes, len ? len : 1);
    return status;
}

static int32_t answer(const hexmcp_round *r, const struct request *request, const struct sound *sound,
                      struct output *out)
{
    struct answer a;
    double duration = (double)out->frames / out->info.samplerate;
    hexmcp_json_writer *w = put_result(&a, r, request, sound, &out->info, duration);
    hexmcp_json_put_int64(w, "size", out->stream.size);
    int32_t status = put_in_place(&a, request, out);
    if (status != HEXMCP_OK) {
        answer_drop(&a);
        return status;
    }
    answer_text(&a, "Made %s of %.1f s, %lld bytes.", request->format->name, duration,
                (long long)out->stream.size);
    return answer_end(&a);
}

/* What is there behind start_seconds, or the part of it that is wanted. */
static double planned_duration(const struct request *request, const struct sound *sound)
{
    double left = fmax(0, sound_duration(sound) - request->start);
    return request->duration > 0 ? fmin(left, request->duration) : left;
}

static int32_t answer_plan(const hexmcp_round *r, const struct request *request,
                           const struct sound *sound, const SF_INFO *info)
{
    struct delivery where = {.target_path = request->target_path, .overwrite = request->overwrite};
    struct answer a;
    put_result(&a, r, request, sound, info, planned_duration(request, sound));
    int32_t status = deliver_plan(&a, &where);
    if (status != HEXMCP_OK) {
        answer_drop(&a);
        return status;
    }
    answer_text(&a, "Would write %s at %d Hz, %d channels.", request->format->name, info->samplerate,
                info->channels);
    return answer_end(&a);
}

int32_t convert(const hexmcp_round *r, const struct request *request, struct sound *sound)
{
    struct output out = {.target = {.folder = -1, .fd = -1}, .stream = {.fd = -1}};
    int32_t status = plan(r, request, sound, &out.info);
    if (status == HEXMCP_OK)
        status = go_to_start(r, request, sound);
    if (status != HEXMCP_OK)
        return status;
    if (request->dry_run)
        return answer_plan(r, request, sound, &out.info);
    if (request->target_path)
        status = target_begin(r, request->target_path, request->overwrite, &out.target);
    if (status != HEXMCP_OK)
        return status;
    bool memory = out.target.fd < 0;
    status = copy_all(r, request, sound, &out);
    if (status == HEXMCP_OK)
        status = answer(r, request, sound, &out);
    target_drop(&out.target);
    if (memory && out.stream.fd >= 0)
        close(out.stream.fd);
    return status;
}
