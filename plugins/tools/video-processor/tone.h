/*
 * tone.h - pictures of HDR videos, brought to what ordinary screens show.
 *
 * SPDX-License-Identifier: MIT
 */
#pragma once

#include <libavutil/frame.h>
#include <stdbool.h>

/* Whether these are codes of PQ (SMPTE ST 2084) or HLG (ARIB STD-B67). */
bool tone_is_hdr(enum AVColorTransferCharacteristic transfer);

/* [worker] Of RGB of 16 bits in the colours of BT.2020 to sRGB of 8 bits; `to` has the same size. White
 * stays white, what is brighter is pressed together below the brightest that there is. false if memory is
 * short. */
bool tone_map(const AVFrame *from, enum AVColorTransferCharacteristic transfer, AVFrame *to);
