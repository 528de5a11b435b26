/*
 * rate.h - samples at another rate.
 *
 * SPDX-License-Identifier: MIT
 */
#pragma once

#include <samplerate.h>
#include <sndfile.h>
#include <stdbool.h>

#include "hexmcp/simple.h"

/* {0} before rate_begin(). */
struct rate {
    SRC_STATE *state;
    SRC_DATA data;
    int channels;
    float *made; /* what rate_take() gave */
};

bool rate_possible(int from, int to);

/* rate_end() is due in any case. */
int32_t rate_begin(const hexmcp_round *r, struct rate *rate, int channels, int from, int to);
void rate_end(struct rate *rate);

/* Gives frames, which must stay until all is taken; 0 of them is the end. */
void rate_feed(struct rate *rate, const float *samples, sf_count_t frames);

/* *made frames are in rate->made; 0 of them: give more. */
int32_t rate_take(const hexmcp_round *r, struct rate *rate, sf_count_t *made);
