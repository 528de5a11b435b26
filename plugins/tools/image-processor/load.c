/*
 * SPDX-License-Identifier: MIT
 */
#include "load.h"

#include "kit/source.h"
#include "start.h"

static int32_t unknown(const hexmcp_round *r, const char *path, const struct bytes *bytes)
{
    if (bytes->len == 0)
        return hexmcp_fail(r->err, HEXMCP_E_INVALID, "%.*s is empty; give a picture", SHOWN(path));
    return hexmcp_fail(r->err, HEXMCP_E_UNSUPPORTED,
                       "%.*s is no picture in a format that is known here, by its first bytes; give a "
                       "PNG, JPEG, GIF, WebP, TIFF, AVIF or HEIC file",
                       SHOWN(path));
}

int32_t load_bytes(const hexmcp_round *r, const char *path, struct picture *picture)
{
    *picture = (struct picture){.orientation = 1, .pages = 1};
    int32_t status = source_read_file(r, path, FILE_MOST, &picture->bytes);
    if (status != HEXMCP_OK)
        return status;
    picture->format = format_of_bytes(bytes_str(&picture->bytes));
    if (picture->format)
        return HEXMCP_OK;
    status = unknown(r, path, &picture->bytes);
    load_close(picture);
    return status;
}

static int open_image(const struct picture *picture, int page, VipsImage **image)
{
    const struct format *format = picture->format;
    VipsBlob *blob = vips_blob_new(NULL, picture->bytes.ptr, picture->bytes.len);
    int failed;
    if (format->pages)
        failed = vips_call(format->loader, blob, image, "access", VIPS_ACCESS_SEQUENTIAL, "fail_on",
                           VIPS_FAIL_ON_TRUNCATED, "page", page - 1, NULL);
    else
        failed = vips_call(format->loader, blob, image, "access", VIPS_ACCESS_SEQUENTIAL, "fail_on",
                           VIPS_FAIL_ON_TRUNCATED, NULL);
    vips_area_unref(VIPS_AREA(blob));
    return failed;
}

static int32_t check_size(const hexmcp_round *r, const char *path, const VipsImage *image)
{
    if (image->Xsize <= SIDE_MOST && image->Ysize <= SIDE_MOST)
        return HEXMCP_OK;
    return hexmcp_fail(r->err, HEXMCP_E_TOO_LARGE,
                       "%.*s has %d x %d pixels, but at most %d x %d are taken; give a smaller picture",
                       SHOWN(path), image->Xsize, image->Ysize, SIDE_MOST, SIDE_MOST);
}

static void step(VipsImage *image, VipsProgress *progress, void *arg)
{
    struct picture *picture = arg;
    if (pace_step(&picture->pace, progress->percent, 100, "pixels") != HEXMCP_OK)
        vips_image_set_kill(image, TRUE);
}

int32_t load_open(const hexmcp_round *r, const struct request *request, struct picture *picture)
{
    int32_t status = start_module(picture->format, r->err);
    if (status != HEXMCP_OK)
        return status;
    if (!picture->format->pages && request->page > 1)
        return hexmcp_fail(r->err, HEXMCP_E_INVALID, "%.*s has one picture; leave page out",
                           SHOWN(request->path));
    vips_error_clear(); /* calls that went well leave words, too */
    if (open_image(picture, request->page, &picture->image) != 0)
        return start_failed(r, "read", request->path, "it may be damaged or cut, or page too high");
    vips_error_clear();
    picture->origin = g_object_ref(picture->image);
    picture->pace = pace_begin(r);
    picture->pages = vips_image_get_n_pages(picture->image);
    picture->orientation = vips_image_get_orientation(picture->image);
    vips_image_set_progress(picture->image, TRUE);
    g_signal_connect(picture->image, "eval", G_CALLBACK(step), picture);
    return check_size(r, request->path, picture->image);
}

static void replace(struct picture *picture, VipsImage *image)
{
    g_object_unref(picture->image);
    picture->image = image;
}

int32_t load_turned(const hexmcp_round *r, const char *path, bool all, struct picture *picture)
{
    VipsImage *image;
    if (all) {
        image = vips_image_copy_memory(picture->image);
        if (!image)
            return start_failed(r, "decoded", path, "it may be damaged, cut or too large");
        replace(picture, image);
    }
    if (vips_autorot(picture->image, &image, NULL) != 0)
        return start_failed(r, "turned", path, "try without");
    replace(picture, image);
    return HEXMCP_OK;
}

void load_close(struct picture *picture)
{
    if (picture->image)
        g_object_unref(picture->image);
    if (picture->origin)
        g_object_unref(picture->origin);
    picture->image = picture->origin = NULL;
    bytes_free(&picture->bytes);
}
