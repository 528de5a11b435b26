/*
 * SPDX-License-Identifier: MIT
 */
#include "edit.h"

#include <math.h>

#include "kit/source.h"
#include "start.h"

bool edit_needs_all(const struct request *request, const struct picture *picture)
{
    return picture->orientation != 1 || request->operation == OPERATION_ROTATE;
}

/* Fits it into width x height, or makes it exactly that. */
static int fit(VipsImage *in, VipsImage **out, int width, int height, VipsSize size)
{
    return vips_thumbnail_image(in, out, width ? width : VIPS_MAX_COORD, "height",
                                height ? height : VIPS_MAX_COORD, "size", size, "no_rotate", TRUE,
                                NULL);
}

/* Far from square, the side that was left open could become huge. */
static int32_t check_side(const hexmcp_round *r, const struct request *request,
                          const VipsImage *image)
{
    double wide = request->width ? (double)request->width / image->Xsize : INFINITY;
    double high = request->height ? (double)request->height / image->Ysize : INFINITY;
    double scale = fmin(wide, high);
    double width = round(image->Xsize * scale), height = round(image->Ysize * scale);
    if (width <= SIDE_MOST && height <= SIDE_MOST)
        return HEXMCP_OK;
    return hexmcp_fail(r->err, HEXMCP_E_TOO_LARGE,
                       "the result would have %.0f x %.0f pixels, but at most %d x %d are made; give a "
                       "smaller width or height",
                       width, height, SIDE_MOST, SIDE_MOST);
}

static int32_t resize(const hexmcp_round *r, const struct request *request, VipsImage *in,
                      VipsImage **out)
{
    bool keep = request->maintain_aspect_ratio;
    int32_t status = keep ? check_side(r, request, in) : HEXMCP_OK;
    if (status != HEXMCP_OK)
        return status;
    if (fit(in, out, request->width, request->height, keep ? VIPS_SIZE_BOTH : VIPS_SIZE_FORCE) != 0)
        return start_failed(r, "resized", request->path, "try another size");
    return HEXMCP_OK;
}

static int32_t crop(const hexmcp_round *r, const struct request *request, VipsImage *in,
                    VipsImage **out)
{
    if (request->x + request->width > in->Xsize || request->y + request->height > in->Ysize)
        return hexmcp_fail(r->err, HEXMCP_E_INVALID,
                           "the area of %d x %d pixels at %d, %d leaves the picture, which has %d x %d; "
                           "give an area inside of it",
                           request->width, request->height, request->x, request->y, in->Xsize,
                           in->Ysize);
    if (vips_extract_area(in, out, request->x, request->y, request->width, request->height, NULL))
        return start_failed(r, "cropped", request->path, "try another area");
    return HEXMCP_OK;
}

static int32_t turn(const hexmcp_round *r, const struct request *request, VipsImage *in,
                    VipsImage **out)
{
    VipsAngle angle = (VipsAngle)(request->degrees / 90); /* VIPS_ANGLE_D0 is 0, D90 is 1 */
    if (vips_rot(in, out, angle, NULL) != 0)
        return start_failed(r, "rotated", request->path, "try again");
    return HEXMCP_OK;
}

static int32_t thumbnail(const hexmcp_round *r, const struct request *request, VipsImage *in,
                         VipsImage **out)
{
    if (fit(in, out, request->max_width, request->max_height, VIPS_SIZE_DOWN) != 0)
        return start_failed(r, "made small", request->path, "try another size");
    return HEXMCP_OK;
}

int32_t edit(const hexmcp_round *r, const struct request *request, struct picture *picture)
{
    VipsImage *in = picture->image, *out = NULL;
    int32_t status = HEXMCP_OK;
    switch (request->operation) {
    case OPERATION_RESIZE:
        status = resize(r, request, in, &out);
        break;
    case OPERATION_CROP:
        status = crop(r, request, in, &out);
        break;
    case OPERATION_ROTATE:
        status = turn(r, request, in, &out);
        break;
    case OPERATION_THUMBNAIL:
        status = thumbnail(r, request, in, &out);
        break;
    default:
        return HEXMCP_OK;
    }
    if (status != HEXMCP_OK)
        return status;
    g_object_unref(in);
    picture->image = out;
    return HEXMCP_OK;
}
