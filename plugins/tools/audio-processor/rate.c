/*
 * SPDX-License-Identifier: MIT
 */
#include "rate.h"

#include <stdlib.h>

#define FRAMES 16384

static int32_t failed(const hexmcp_round *r, int code)
{
    return hexmcp_fail(r->err, HEXMCP_E_GENERIC, "the sample rate cannot be changed: %.200s; leave "
                       "sample_rate out", src_strerror(code));
}

bool rate_possible(int from, int to)
{
    return src_is_valid_ratio((double)to / from) != 0;
}

int32_t rate_begin(const hexmcp_round *r, struct rate *rate, int channels, int from, int to)
{
    int code = 0;
    *rate = (struct rate){.channels = channels, .data = {.src_ratio = (double)to / from}};
    rate->made = malloc(FRAMES * (size_t)channels * sizeof(*rate->made));
    if (!rate->made)
        return hexmcp_fail(r->err, HEXMCP_E_NOMEM, "out of memory for the samples; try again");
    rate->state = src_new(SRC_SINC_MEDIUM_QUALITY, channels, &code);
    return rate->state ? HEXMCP_OK : failed(r, code);
}

void rate_end(struct rate *rate)
{
    if (rate->state)
        src_delete(rate->state);
    free(rate->made);
    *rate = (struct rate){0};
}

void rate_feed(struct rate *rate, const float *samples, sf_count_t frames)
{
    rate->data.data_in = samples;
    rate->data.input_frames = frames;
    rate->data.end_of_input = frames == 0;
}

int32_t rate_take(const hexmcp_round *r, struct rate *rate, sf_count_t *made)
{
    rate->data.data_out = rate->made;
    rate->data.output_frames = FRAMES;
    int code = src_process(rate->state, &rate->data);
    if (code != 0)
        return failed(r, code);
    rate->data.data_in += rate->data.input_frames_used * rate->channels;
    rate->data.input_frames -= rate->data.input_frames_used;
    *made = rate->data.output_frames_gen;
    return HEXMCP_OK;
}
