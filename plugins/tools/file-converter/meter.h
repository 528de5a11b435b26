/*
 * meter.h - how far a conversion is: progress, and whether it is to go on.
 *
 * SPDX-License-Identifier: MIT
 */
#pragma once

#include <stdbool.h>

#include "kit/pace.h"

/* Bytes between two looks. */
#define METER_BYTES ((size_t)256 * 1024)

struct meter {
    struct pace pace;
    double before;  /* bytes of the steps that are done */
    int32_t status; /* what ended it */
};

/* `done` bytes of this step were read. false: stop. `meter` may be NULL. */
static inline bool meter_goes_on(struct meter *meter, double done)
{
    if (!meter)
        return true;
    meter->status = pace_step(&meter->pace, meter->before + done, 0, "bytes converted");
    return meter->status == HEXMCP_OK;
}
