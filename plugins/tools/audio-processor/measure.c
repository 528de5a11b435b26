/*
 * SPDX-License-Identifier: MIT
 */
#include <math.h>

#include "kit/source.h"
#include "sound.h"

#define FRAMES 16384
#define SILENCE_DB (-150.0) /* below what 24 bits can tell */

struct measured {
    double peak, sum;
    int64_t samples, clipped;
};

static void add(struct measured *m, const float *samples, size_t count)
{
    for (size_t i = 0; i < count; i++) {
        double value = isfinite(samples[i]) ? fabs((double)samples[i]) : 0;
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

static int32_t measure_all(const hexmcp_round *r, struct sound *sound, struct measured *m)
{
    size_t channels = (size_t)sound->info.channels;
    float *samples = malloc(FRAMES * channels * sizeof(*samples));
    sf_count_t got = 1;
    int32_t status = HEXMCP_OK;
    if (!samples)
        return hexmcp_fail(r->err, HEXMCP_E_NOMEM, "out of memory for the samples; try again");
    while (status == HEXMCP_OK && got > 0) {
        status = sound_read(sound, samples, FRAMES, &got);
        if (status == HEXMCP_OK)
            add(m, samples, (size_t)got * channels);
    }
    free(samples);
    return status;
}

static void put_decibel(hexmcp_json_writer *w, const char *key, double value)
{
    hexmcp_json_key(w, key);
    hexmcp_json_write_double(w, round(decibel(value) * 100) / 100);
}

int32_t measure(const hexmcp_round *r, const struct request *request, struct sound *sound)
{
    struct measured m = {0, 0, 0, 0};
    struct answer a;
    int32_t status = measure_all(r, sound, &m);
    if (status != HEXMCP_OK)
        return status;
    double mean = m.samples > 0 ? sqrt(m.sum / (double)m.samples) : 0;
    hexmcp_json_writer *w = answer_begin(&a, r);
    hexmcp_json_put_text(w, "operation", operation_name(request->operation));
    hexmcp_json_put_text(w, "path", request->path);
    hexmcp_json_put_text(w, "format", sound->format->name);
    hexmcp_json_put_text(w, "mime_type", sound->format->mime);
    put_decibel(w, "peak_dbfs", m.peak);
    put_decibel(w, "rms_dbfs", mean);
    hexmcp_json_put_int64(w, "clipped_samples", m.clipped);
    hexmcp_json_put_bool(w, "silent", m.peak == 0);
    hexmcp_json_key(w, "duration_s");
    double frames = (double)m.samples / sound->info.channels;
    hexmcp_json_write_double(w, round(frames / sound->info.samplerate * 1000) / 1000);
    answer_text(&a, "%.*s: peak %.1f dBFS, mean %.1f dBFS.", SHOWN(request->path), decibel(m.peak),
                decibel(mean));
    return answer_end(&a);
}
