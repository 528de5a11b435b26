/*
 * SPDX-License-Identifier: MIT
 */
#include "save.h"

#include "exif.h"
#include "kit/source.h"
#include "start.h"

static int encode(const struct request *q, const struct format *format, VipsImage *image,
                  VipsBlob **blob)
{
    const char *saver = format->saver;
    VipsArrayDouble *background = vips_array_double_new(q->background, 3);
    int failed = -1;
    switch (format->id) {
    case FORMAT_PNG:
        failed = vips_call(saver, image, blob, "compression", q->level, NULL);
        break;
    case FORMAT_JPEG:
        failed = vips_call(saver, image, blob, "Q", q->quality, "optimize_coding", TRUE,
                           "background", background, NULL);
        break;
    case FORMAT_GIF:
        failed = vips_call(saver, image, blob, NULL);
        break;
    case FORMAT_WEBP:
        failed = vips_call(saver, image, blob, "Q", q->quality, "lossless", q->lossless, NULL);
        break;
    case FORMAT_TIFF:
        failed = vips_call(saver, image, blob, "compression", VIPS_FOREIGN_TIFF_COMPRESSION_DEFLATE,
                           NULL);
        break;
    case FORMAT_AVIF:
        failed = vips_call(saver, image, blob, "compression", VIPS_FOREIGN_HEIF_COMPRESSION_AV1,
                           "Q", q->quality, "lossless", q->lossless, "effort", 2, NULL);
        break;
    default:
        vips_error("save", "%s cannot be written", format->name);
    }
    vips_area_unref(VIPS_AREA(background));
    return failed;
}

/* The operations before may give the very image that was read: what is beside it is changed in a copy. */
static int32_t strip(const hexmcp_round *r, const struct request *request, struct picture *picture)
{
    VipsImage *copy;
    if (vips_copy(picture->image, &copy, NULL) != 0)
        return start_failed(r, "copied", request->path, "try again");
    g_object_unref(picture->image);
    picture->image = copy;
    exif_retain(copy, request->retain);
    return HEXMCP_OK;
}

int32_t save_bytes(const hexmcp_round *r, const struct request *request,
                   const struct format *format, struct picture *picture, VipsBlob **blob)
{
    VipsBlob *made = NULL;
    int32_t status = start_module(format, r->err);
    if (status == HEXMCP_OK)
        status = strip(r, request, picture);
    if (status != HEXMCP_OK)
        return status;
    if (encode(request, format, picture->image, &made) != 0) {
        if (r->calls && r->calls->cancelled(r->calls->ctx, r->call)) {
            vips_error_clear();
            return pace_step(&picture->pace, 0, 0, NULL);
        }
        return start_failed(r, "decoded or encoded", request->path,
                            "it may be damaged or cut, or the target format does not take it");
    }
    *blob = made;
    return HEXMCP_OK;
}
