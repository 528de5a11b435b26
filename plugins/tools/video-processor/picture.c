/*
 * SPDX-License-Identifier: MIT
 */
#include <math.h>

#include "decode.h"
#include "encode.h"
#include "kit/deliver.h"
#include "kit/source.h"

/* Both sides at least 1, and inside of the box if there is one. */
static void measure(const struct request *request, const struct movie *movie, const AVFrame *frame,
                    struct shape *shape)
{
    double width, height, factor = 1;
    movie_seen(movie, frame->width, frame->height, &width, &height);
    if (request->operation == OPERATION_THUMBNAIL)
        factor = fmin(1, fmin(request->max_width / width, request->max_height / height));
    shape->width = (int)fmax(1, fmin(16384, round(width * factor)));
    shape->height = (int)fmax(1, fmin(16384, round(height * factor)));
    shape->rotation = movie_rotation(movie);
    shape->quality = request->png ? 0 : request->quality;
}

static int32_t answer(const struct request *request, const struct movie *movie,
                      const struct shape *shape, double shown, const struct bytes *bytes)
{
    struct answer a;
    struct delivery where = {.target_path = request->target_path,
                             .overwrite = request->overwrite,
                             .name = request->png ? "frame.png" : "frame.jpg",
                             .mime = request->png ? "image/png" : "image/jpeg",
                             .show = true};
    hexmcp_json_writer *w = answer_begin(&a, movie->r);
    hexmcp_json_put_text(w, "operation", operation_name(request->operation));
    hexmcp_json_put_text(w, "path", request->path);
    hexmcp_json_put_text(w, "format", request->png ? "png" : "jpeg");
    hexmcp_json_put_text(w, "mime_type", where.mime);
    hexmcp_json_key(w, "timestamp_seconds");
    hexmcp_json_write_double(w, isfinite(shown) ? round(shown * 1000) / 1000 : 0);
    hexmcp_json_put_int64(w, "width", shape->width);
    hexmcp_json_put_int64(w, "height", shape->height);
    hexmcp_json_put_bool(w, "dry_run", request->dry_run);
    if (!request->dry_run)
        hexmcp_json_put_int64(w, "size", (int64_t)bytes->len);
    int32_t status = request->dry_run ? deliver_plan(&a, &where)
                                      : deliver(&a, &where, bytes_str(bytes));
    if (status != HEXMCP_OK) {
        answer_drop(&a);
        return status;
    }
    answer_text(&a, "%s the picture at %.3f s of %.*s, %d x %d pixels.",
                request->dry_run ? "Would make" : "Made", shown, SHOWN(request->path), shape->width,
                shape->height);
    return answer_end(&a);
}

int32_t picture(const struct request *request, struct movie *movie)
{
    struct bytes bytes = {0};
    struct shape shape;
    AVFrame *frame;
    double shown;
    if (movie->video < 0)
        return hexmcp_fail(movie->r->err, HEXMCP_E_INVALID, "%.*s has no pictures, only sound or text",
                           SHOWN(request->path));
    int32_t status = decode_at(request, movie, &frame, &shown);
    if (status != HEXMCP_OK)
        return status;
    measure(request, movie, frame, &shape);
    int code = request->dry_run ? 0 : encode(frame, &shape, &bytes);
    av_frame_free(&frame);
    status = code < 0 ? movie_failed(movie, request, "made a picture of", code)
                      : answer(request, movie, &shape, shown, &bytes);
    bytes_free(&bytes);
    return status;
}
