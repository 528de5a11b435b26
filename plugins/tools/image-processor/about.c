/*
 * SPDX-License-Identifier: MIT
 */
#include "about.h"

#include "exif.h"
#include "kit/source.h"

static void put_common(hexmcp_json_writer *w, const struct request *request,
                       const struct picture *picture)
{
    hexmcp_json_put_text(w, "operation", operation_name(request->operation));
    hexmcp_json_put_text(w, "path", request->path);
    hexmcp_json_put_text(w, "format", picture->format->name);
    hexmcp_json_put_text(w, "mime_type", picture->format->mime);
    hexmcp_json_put_int64(w, "size", (int64_t)picture->bytes.len);
}

int32_t about_format(const hexmcp_round *r, const struct request *request,
                     const struct picture *picture)
{
    struct answer a;
    hexmcp_json_writer *w = answer_begin(&a, r);
    bool fits = format_of_name(request->path) == picture->format;
    put_common(w, request, picture);
    hexmcp_json_put_bool(w, "name_fits", fits);
    answer_text(&a, "%.*s is a picture in the format %s%s.", SHOWN(request->path),
                picture->format->name, fits ? "" : ", which its name does not say");
    return answer_end(&a);
}

static const char *space_of(const VipsImage *image)
{
    switch (image->Type) {
    case VIPS_INTERPRETATION_B_W:
    case VIPS_INTERPRETATION_GREY16:
        return "grey";
    case VIPS_INTERPRETATION_CMYK:
        return "cmyk";
    case VIPS_INTERPRETATION_sRGB:
    case VIPS_INTERPRETATION_RGB:
    case VIPS_INTERPRETATION_RGB16:
        return "rgb";
    default:
        return "other";
    }
}

static void put_colour(hexmcp_json_writer *w, VipsImage *image)
{
    hexmcp_json_key(w, "colour");
    hexmcp_json_begin_object(w);
    hexmcp_json_put_text(w, "space", space_of(image));
    hexmcp_json_put_int64(w, "channels", image->Bands);
    hexmcp_json_put_int64(w, "bits", (int64_t)vips_format_sizeof_unsafe(image->BandFmt) * 8);
    hexmcp_json_put_bool(w, "alpha", vips_image_hasalpha(image));
    hexmcp_json_put_bool(w, "profile", vips_image_get_typeof(image, VIPS_META_ICC_NAME) != 0);
    hexmcp_json_end_object(w);
}

int32_t about_picture(const hexmcp_round *r, const struct request *request,
                      const struct picture *picture)
{
    VipsImage *image = picture->image;
    struct answer a;
    hexmcp_json_writer *w = answer_begin(&a, r);
    put_common(w, request, picture);
    hexmcp_json_put_int64(w, "width", image->Xsize);
    hexmcp_json_put_int64(w, "height", image->Ysize);
    hexmcp_json_put_int64(w, "pages", picture->pages);
    hexmcp_json_put_int64(w, "orientation", picture->orientation);
    put_colour(w, image);
    exif_put(w, image, request->include_location);
    answer_text(&a, "%.*s: %s, %d x %d pixels.", SHOWN(request->path), picture->format->name,
                image->Xsize, image->Ysize);
    return answer_end(&a);
}
