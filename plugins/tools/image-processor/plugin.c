/*
 * plugin.c - the tool "image-processor" behind the plugin ABI.
 *
 * SPDX-License-Identifier: MIT
 */
#include "about.h"
#include "edit.h"
#include "save.h"
#include "start.h"

#include "hexmcp/plugin.h"
#include "kit/deliver.h"
#include "kit/source.h"
#include "kit/suffix.h"

struct result {
    const struct request *request;
    const struct format *format;
    int width, height; /* of the picture that was read */
    struct delivery delivery;
    char name[32];
};

static void put_members(hexmcp_json_writer *w, const struct result *result,
                        const struct picture *picture)
{
    const struct request *request = result->request;
    hexmcp_json_put_text(w, "operation", operation_name(request->operation));
    hexmcp_json_put_text(w, "path", request->path);
    hexmcp_json_put_text(w, "format", result->format->name);
    hexmcp_json_put_text(w, "mime_type", result->format->mime);
    hexmcp_json_put_int64(w, "width", picture->image->Xsize);
    hexmcp_json_put_int64(w, "height", picture->image->Ysize);
    hexmcp_json_key(w, "source");
    hexmcp_json_begin_object(w);
    hexmcp_json_put_text(w, "format", picture->format->name);
    hexmcp_json_put_int64(w, "width", result->width);
    hexmcp_json_put_int64(w, "height", result->height);
    hexmcp_json_put_int64(w, "pages", picture->pages);
    hexmcp_json_end_object(w);
    hexmcp_json_put_bool(w, "dry_run", request->dry_run);
}

static int32_t answer_plan(const hexmcp_round *r, const struct result *result,
                           const struct picture *picture)
{
    struct answer a;
    put_members(answer_begin(&a, r), result, picture);
    int32_t status = deliver_plan(&a, &result->delivery);
    if (status != HEXMCP_OK) {
        answer_drop(&a);
        return status;
    }
    answer_text(&a, "Would write %s of %d x %d pixels.", result->format->name, picture->image->Xsize,
                picture->image->Ysize);
    return answer_end(&a);
}

static int32_t answer_picture(const hexmcp_round *r, const struct result *result,
                              struct picture *picture)
{
    VipsBlob *blob;
    struct answer a;
    size_t len;
    int32_t status = save_bytes(r, result->request, result->format, picture, &blob);
    if (status != HEXMCP_OK)
        return status;
    const void *bytes = vips_blob_get(blob, &len);
    hexmcp_json_writer *w = answer_begin(&a, r);
    put_members(w, result, picture);
    hexmcp_json_put_int64(w, "size", (int64_t)len);
    status = deliver(&a, &result->delivery, (hexmcp_str){bytes, len});
    vips_area_unref(VIPS_AREA(blob));
    if (status != HEXMCP_OK) {
        answer_drop(&a);
        return status;
    }
    answer_text(&a, "Made %s of %d x %d pixels, %zu bytes.", result->format->name,
                picture->image->Xsize, picture->image->Ysize, len);
    return answer_end(&a);
}

/* What is written, and where. */
static void decide(const struct request *request, const struct picture *picture,
                   struct result *result)
{
    char suffix[8];
    const struct format *from = picture->format;
    *result = (struct result){.request = request,
                              .format = request_format(request, from),
                              .width = picture->image->Xsize,
                              .height = picture->image->Ysize};
    /* A small picture is for looking at: most clients show these two. */
    if (request->operation == OPERATION_THUMBNAIL && !request->format && from->id != FORMAT_PNG)
        result->format =
            format_by_id(vips_image_hasalpha(picture->image) ? FORMAT_PNG : FORMAT_JPEG);
    snprintf(result->name, sizeof(result->name), "%s%s", operation_name(request->operation),
             suffix_first(result->format->suffixes, suffix));
    result->delivery = (struct delivery){.target_path = request->target_path,
                                         .overwrite = request->overwrite,
                                         .name = result->name,
                                         .mime = result->format->mime,
                                         .show = result->format->id <= FORMAT_WEBP};
}

static int32_t process(const hexmcp_round *r, const struct request *request,
                       struct picture *picture)
{
    struct result result;
    bool all = edit_needs_all(request, picture) && !request->dry_run;
    int32_t status = load_turned(r, request->path, all, picture);
    if (status != HEXMCP_OK)
        return status;
    if (request->operation == OPERATION_METADATA)
        return about_picture(r, request, picture);
    decide(request, picture, &result);
    status = edit(r, request, picture);
    if (status != HEXMCP_OK)
        return status;
    return request->dry_run ? answer_plan(r, &result, picture)
                            : answer_picture(r, &result, picture);
}

static int32_t work(const hexmcp_round *r, const struct request *request)
{
    struct picture picture;
    int32_t status = load_bytes(r, request->path, &picture);
    if (status != HEXMCP_OK)
        return status;
    if (request->operation == OPERATION_DETECT) {
        status = about_format(r, request, &picture);
    } else {
        status = load_open(r, request, &picture);
        if (status == HEXMCP_OK)
            status = process(r, request, &picture);
    }
    load_close(&picture);
    return status;
}

static int32_t run(const hexmcp_round *r)
{
    struct request request;
    struct args args = args_begin(r->args, r->err);
    int32_t status = request_read(&args, &request);
    if (status == HEXMCP_OK)
        status = work(r, &request);
    args_end(&args);
    return status;
}

static int32_t init(void *self, const hexmcp_host *host, hexmcp_str config_json, hexmcp_error *err)
{
    (void)self;
    (void)host;
    (void)config_json;
    return start_library(err);
}

static const hexmcp_simple_item tools[] = {HEXMCP_ITEM("image-processor", run), HEXMCP_ITEM_END};

static const hexmcp_simple plugin = {.init = init, .tools = tools};

HEXMCP_SIMPLE_PLUGIN("hexmcp.image-processor", "0.1.0", plugin);
