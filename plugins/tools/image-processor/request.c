/*
 * SPDX-License-Identifier: MIT
 */
#include "request.h"

#include "kit/source.h"

#include <stdio.h>
#include <string.h>

static const char *const operations[] = {"detect", "metadata", "resize",    "convert",
                                         "crop",   "rotate",   "thumbnail", NULL};
static const char *const written[] = {"png", "jpeg", "gif", "webp", "tiff", "avif", NULL};
static const char *const retained[] = {"no_location", "none", "all", NULL};

const char *operation_name(enum operation operation)
{
    return operations[operation];
}

static void read_paths(struct args *args, struct request *request)
{
    request->path = source_path_argument(args);
    if (!request->path)
        args_fail(args, HEXMCP_E_INVALID, "there is no picture to work on; give path");
    request->target_path = args_text(args, "target_path", 4096, NULL);
    if (request->target_path && request->operation <= OPERATION_METADATA)
        args_fail(args, HEXMCP_E_INVALID,
                  "%s writes nothing; leave target_path out, or take another operation",
                  operations[request->operation]);
}

static void read_format(struct args *args, struct request *request)
{
    size_t asked = args_choice(args, "target_format", written, FORMAT_COUNT);
    const struct format *named = request->target_path ? format_of_name(request->target_path) : NULL;
    request->format = asked < FORMAT_COUNT ? format_by_id((enum format_id)asked) : named;
    if (asked < FORMAT_COUNT && named && named != request->format)
        args_fail(args, HEXMCP_E_INVALID,
                  "target_path ends as a file of %s, but target_format is %s; change one of them",
                  named->name, request->format->name);
    if (request->format && !request->format->saver)
        args_fail(args, HEXMCP_E_UNSUPPORTED,
                  "%s cannot be written; take png, jpeg, gif, webp, tiff or avif",
                  request->format->name);
    if (request->operation == OPERATION_CONVERT && !request->format)
        args_fail(args, HEXMCP_E_INVALID,
                  "convert needs target_format, or a target_path that ends in .png, .jpg, .gif, .webp, "
                  ".tiff or .avif");
}

static void read_colour(struct args *args, struct request *request)
{
    const char *text = args_text(args, "background", 7, "#ffffff");
    unsigned red, green, blue;
    if (strlen(text) != 7 || sscanf(text, "#%2x%2x%2x", &red, &green, &blue) != 3) {
        args_fail(args, HEXMCP_E_INVALID, "background is no colour; give it as #rrggbb, such as #ffffff");
        return;
    }
    request->background[0] = red;
    request->background[1] = green;
    request->background[2] = blue;
}

static void read_geometry(struct args *args, struct request *request)
{
    request->width = (int)args_int(args, "width", 1, SIDE_MOST, 0);
    request->height = (int)args_int(args, "height", 1, SIDE_MOST, 0);
    request->x = (int)args_int(args, "x", 0, SIDE_MOST, 0);
    request->y = (int)args_int(args, "y", 0, SIDE_MOST, 0);
    request->degrees = (int)args_int(args, "degrees", 90, 270, 90);
    request->max_width = (int)args_int(args, "max_width", 1, SIDE_MOST, 200);
    request->max_height = (int)args_int(args, "max_height", 1, SIDE_MOST, 200);
    request->maintain_aspect_ratio = args_bool(args, "maintain_aspect_ratio", true);
    request->page = (int)args_int(args, "page", 1, 100000, 1);
}

static void read_output(struct args *args, struct request *request)
{
    request->quality = (int)args_int(args, "quality", 1, 100, 85);
    request->level = (int)args_int(args, "level", 0, 9, 6);
    request->lossless = args_bool(args, "lossless", false);
    request->include_location = args_bool(args, "include_location", false);
    request->retain = (enum retain)args_choice(args, "keep_metadata", retained, RETAIN_NO_LOCATION);
    request->overwrite = args_bool(args, "overwrite", false);
    request->dry_run = args_bool(args, "dry_run", false);
}

static void check(struct args *args, const struct request *request)
{
    bool both = request->width && request->height;
    if (request->operation == OPERATION_RESIZE && !request->width && !request->height)
        args_fail(args, HEXMCP_E_INVALID, "resize needs width, height or both");
    if (request->operation == OPERATION_RESIZE && !request->maintain_aspect_ratio && !both)
        args_fail(args, HEXMCP_E_INVALID,
                  "without maintain_aspect_ratio resize needs both width and height");
    if (request->operation == OPERATION_CROP && !both)
        args_fail(args, HEXMCP_E_INVALID, "crop needs width and height, and x and y unless they are 0");
    if (request->degrees % 90 != 0)
        args_fail(args, HEXMCP_E_INVALID, "degrees must be 90, 180 or 270");
}

int32_t request_read(struct args *args, struct request *request)
{
    *request = (struct request){0};
    request->operation =
        (enum operation)args_choice(args, "operation", operations, OPERATION_METADATA);
    read_paths(args, request);
    read_format(args, request);
    read_colour(args, request);
    read_geometry(args, request);
    read_output(args, request);
    check(args, request);
    return args_status(args);
}

const struct format *request_format(const struct request *request, const struct format *from)
{
    if (request->format)
        return request->format;
    return from->saver ? from : format_by_id(FORMAT_JPEG);
}
