/*
 * edit.h - what is done to a picture.
 *
 * SPDX-License-Identifier: MIT
 */
#pragma once

#include "load.h"

/* [worker] Replaces picture->image, which is turned, by what the operation makes of it. Nothing is decoded
 * if the picture is not in memory yet. */
int32_t edit(const hexmcp_round *r, const struct request *request, struct picture *picture);

/* Whether the operation reads the picture in another order than from the top down. */
bool edit_needs_all(const struct request *request, const struct picture *picture);
