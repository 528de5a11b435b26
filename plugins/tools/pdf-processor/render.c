/*
 * SPDX-License-Identifier: MIT
 */
#include <cairo.h>
#include <math.h>

#include "kit/deliver.h"
#include "kit/source.h"
#include "operations.h"

#define POINTS_PER_INCH 72.0
#define SIDE_MOST 10000
#define PIXELS_MOST 40e6

struct drawn {
    int width, height;
    struct bytes png;
};

static int32_t measure(const hexmcp_round *r, const struct document *d, PopplerPage *page,
                       struct drawn *drawn)
{
    double width, height, scale = d->request->dpi / POINTS_PER_INCH;
    poppler_page_get_size(page, &width, &height);
    width = ceil(width * scale);
    height = ceil(height * scale);
    /* The other way round a size that is no number would pass. */
    if (!(width >= 1 && height >= 1 && width <= SIDE_MOST && height <= SIDE_MOST &&
          width * height <= PIXELS_MOST))
        return hexmcp_fail(r->err, HEXMCP_E_TOO_LARGE,
                           "page %d would have %.0f x %.0f pixels at %d dpi, but at most %d x %d and 40 "
                           "million are made; give another dpi",
                           d->first, width, height, d->request->dpi, SIDE_MOST, SIDE_MOST);
    drawn->width = (int)width;
    drawn->height = (int)height;
    return HEXMCP_OK;
}

static cairo_status_t take(void *arg, const unsigned char *data, unsigned len)
{
    return bytes_add(arg, data, len) ? CAIRO_STATUS_SUCCESS : CAIRO_STATUS_NO_MEMORY;
}

static int32_t draw(const hexmcp_round *r, const struct document *d, PopplerPage *page,
                    struct drawn *drawn)
{
    double scale = d->request->dpi / POINTS_PER_INCH;
    cairo_surface_t *surface =
        cairo_image_surface_create(CAIRO_FORMAT_RGB24, drawn->width, drawn->height);
    cairo_t *cairo = cairo_create(surface);
    cairo_set_source_rgb(cairo, 1, 1, 1);
    cairo_paint(cairo);
    cairo_scale(cairo, scale, scale);
    poppler_page_render(page, cairo);
    cairo_status_t status = cairo_status(cairo);
    cairo_destroy(cairo);
    if (status == CAIRO_STATUS_SUCCESS)
        status = cairo_surface_write_to_png_stream(surface, take, &drawn->png);
    cairo_surface_destroy(surface);
    if (status != CAIRO_STATUS_SUCCESS)
        return hexmcp_fail(r->err, HEXMCP_E_INVALID,
                           "page %d of %.*s cannot be drawn: %s; try a lower dpi", d->first,
                           SHOWN(d->request->path), cairo_status_to_string(status));
    return HEXMCP_OK;
}

static int32_t answer(const hexmcp_round *r, const struct document *d, const struct drawn *drawn)
{
    struct answer a;
    struct delivery where = {.target_path = d->request->target_path,
                             .overwrite = d->request->overwrite,
                             .name = "page.png",
                             .mime = "image/png",
                             .show = true};
    hexmcp_json_writer *w = answer_begin(&a, r);
    document_put(w, d);
    hexmcp_json_put_int64(w, "page", d->first);
    hexmcp_json_put_int64(w, "width", drawn->width);
    hexmcp_json_put_int64(w, "height", drawn->height);
    hexmcp_json_put_text(w, "mime_type", "image/png");
    hexmcp_json_put_bool(w, "dry_run", d->request->dry_run);
    if (!d->request->dry_run)
        hexmcp_json_put_int64(w, "size", (int64_t)drawn->png.len);
    int32_t status = d->request->dry_run ? deliver_plan(&a, &where)
                                         : deliver(&a, &where, bytes_str(&drawn->png));
    if (status != HEXMCP_OK) {
        answer_drop(&a);
        return status;
    }
    answer_text(&a, "%s page %d of %.*s, %d x %d pixels.", d->request->dry_run ? "Would draw" : "Drew",
                d->first, SHOWN(d->request->path), drawn->width, drawn->height);
    return answer_end(&a);
}

int32_t render(const hexmcp_round *r, struct document *document)
{
    struct drawn drawn = {0, 0, {0}};
    PopplerPage *page;
    int32_t status = document_page(r, document, document->first, &page);
    if (status != HEXMCP_OK)
        return status;
    status = measure(r, document, page, &drawn);
    if (status == HEXMCP_OK && !document->request->dry_run)
        status = draw(r, document, page, &drawn);
    g_object_unref(page);
    if (status == HEXMCP_OK)
        status = answer(r, document, &drawn);
    bytes_free(&drawn.png);
    return status;
}
