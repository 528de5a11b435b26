/*
 * save.h - a picture as bytes of a format.
 *
 * SPDX-License-Identifier: MIT
 */
#pragma once

#include "load.h"

/* [worker] Encodes picture->image, which cannot be read again then. vips_area_unref() is due for *blob. */
int32_t save_bytes(const hexmcp_round *r, const struct request *request,
                   const struct format *format, struct picture *picture, VipsBlob **blob);
