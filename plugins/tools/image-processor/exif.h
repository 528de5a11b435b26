/*
 * exif.h - what cameras and programs wrote beside a picture.
 *
 * SPDX-License-Identifier: MIT
 */
#pragma once

#include <vips/vips.h>

#include "hexmcp/json.h"
#include "request.h"

/* Puts the members "exif" and "has_location"; what tells the place only if `location`. */
void exif_put(hexmcp_json_writer *w, VipsImage *image, bool location);

/* Removes from `image`, which belongs to the caller alone, what is not to be kept. Colours stay right: the
 * colour profile is always kept. */
void exif_retain(VipsImage *image, enum retain retain);
