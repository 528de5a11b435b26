/*
 * SPDX-License-Identifier: MIT
 */
#include <ebur128.h>
#include <math.h>

#include "kit/source.h"
#include "sound.h"

#define FRAMES 16384
#define SILENCE_DB (-150.0) /* below what 24 bits can tell */

struct measured {
    double peak, sum;
    int64_t samples, clipped;
    ebur128_state *loudness;
};

static void add(struct measured *m, const float *samples, size_t count)
{
    for (size_t i = 0; i < count; i++) {
        double value = fabs((double)samples[i]);
        m->peak = fmax(m->peak, value);
        m->sum += value * value;
        m->clipped += value >= 0.99996; /* 32767 of 32768 and above */
    }
    m->samples += (int64_t)count;
}

static double decibel(double value)
{
    return value > 0 ? fmax(20 * log10(value), SILENCE_DB) : SILENCE_DB;
}

static int32_t no_memory(const hexmcp_round *r)
{
    return hexmcp_fail(r->err, HEXMCP_E_NOMEM, "out of memory for the samples; try again");
}

static int32_t measure_all(const hexmcp_round *r, struct sound *sound, struct measured *m)
{
    size_t channels = (size_t)sound->info.channels;
    float *samples = malloc(FRAMES * channels * sizeof(*samples));
    sf_count_t got = 1;
    int32_t status = HEXMCP_OK;
    if (!samples)
        return no_memory(r);
    while (status == HEXMCP_OK && got > 0) {
        status = sound_read(sound, samples, FRAMES, &got);
        if (status != HEXMCP_OK)
            break;
        add(m, samples, (size_t)got * channels);
        if (ebur128_add_frames_float(m->loudness, samples, (size_t)got) != EBUR128_SUCCESS)
            status = no_memory(r);
    }
    free(samples);
    return status;
}

static void put_rounded(hexmcp_json_writer *w, const char *key, double value)
{
    hexmcp_json_key(w, key);
    hexmcp_json_write_double(w, round(value * 100) / 100);
}

/* What is too short or too silent has no loudness. */
static void put_loudness(hexmcp_json_writer *w, ebur128_state *state, unsigned channels)
{
    double value, peak = 0;
    if (ebur128_loudness_global(state, &value) == EBUR128_SUCCESS && isfinite(value))
        put_rounded(w, "loudness_lufs", value);
    if (ebur128_loudness_range(state, &value) == EBUR128_SUCCESS && isfinite(value))
        put_rounded(w, "loudness_range_lu", value);
    for (unsigned i = 0; i < channels; i++)
        if (ebur128_true_peak(state, i, &value) == EBUR128_SUCCESS)
            peak = fmax(peak, value);
    put_rounded(w, "true_peak_dbtp", decibel(peak));
}

static int32_t answer(const hexmcp_round *r, const struct request *request, const struct sound *sound,
                      const struct measured *m)
{
    struct answer a;
    double mean = m->samples > 0 ? sqrt(m->sum / (double)m->samples) : 0;
    double frames = (double)m->samples / sound->info.channels;
    hexmcp_json_writer *w = answer_begin(&a, r);
    hexmcp_json_put_text(w, "operation", operation_name(request->operation));
    hexmcp_json_put_text(w, "path", request->path);
    hexmcp_json_put_text(w, "format", sound->format->name);
    hexmcp_json_put_text(w, "mime_type", sound->format->mime);
    put_rounded(w, "peak_dbfs", decibel(m->peak));
    put_rounded(w, "rms_dbfs", decibel(mean));
    put_loudness(w, m->loudness, (unsigned)sound->info.channels);
    hexmcp_json_put_int64(w, "clipped_samples", m->clipped);
    hexmcp_json_put_bool(w, "silent", m->peak == 0);
    hexmcp_json_key(w, "duration_s");
    hexmcp_json_write_double(w, round(frames / sound->info.samplerate * 1000) / 1000);
    answer_text(&a, "%.*s: peak %.1f dBFS, mean %.1f dBFS.", SHOWN(request->path), decibel(m->peak),
                decibel(mean));
    return answer_end(&a);
}

int32_t measure(const hexmcp_round *r, const struct request *request, struct sound *sound)
{
    struct measured m = {.peak = 0};
    m.loudness = ebur128_init((unsigned)sound->info.channels, (unsigned long)sound->info.samplerate,
                              EBUR128_MODE_I | EBUR128_MODE_LRA | EBUR128_MODE_TRUE_PEAK);
    if (!m.loudness)
        return hexmcp_fail(r->err, HEXMCP_E_UNSUPPORTED,
                           "%.*s has %d channels at %d Hz, which is not measured; convert it first",
                           SHOWN(request->path), sound->info.channels, sound->info.samplerate);
    int32_t status = measure_all(r, sound, &m);
    if (status == HEXMCP_OK)
        status = answer(r, request, sound, &m);
    ebur128_destroy(&m.loudness);
    return status;
}
