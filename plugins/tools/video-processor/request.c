/*
 * SPDX-License-Identifier: MIT
 */
#include "request.h"

#include "kit/source.h"
#include "kit/suffix.h"

#define WIDTH_MOST 1920
#define HEIGHT_MOST 1080
#define DAY 86400.0

static const char *const operations[] = {"detect", "metadata", "thumbnail", "extract_frame", NULL};
static const char *const written[] = {"png", "jpeg", NULL};

enum { PNG, JPEG, NONE };

const char *operation_name(enum operation operation)
{
    return operations[operation];
}

static void read_paths(struct args *args, struct request *request)
{
    request->path = source_path_argument(args);
    if (!request->path)
        args_fail(args, HEXMCP_E_INVALID, "there is no video to work on; give path");
    request->target_path = args_text(args, "target_path", 4096, NULL);
    if (request->target_path && request->operation <= OPERATION_METADATA)
        args_fail(args, HEXMCP_E_INVALID,
                  "%s writes nothing; leave target_path out, or take thumbnail or extract_frame",
                  operations[request->operation]);
}

static size_t format_of_end(const char *path)
{
    return suffix_fits(path, " .png ") ? PNG : suffix_fits(path, " .jpg .jpeg ") ? JPEG : NONE;
}

static void read_format(struct args *args, struct request *request)
{
    size_t asked = args_choice(args, "target_format", written, NONE);
    size_t named = request->target_path ? format_of_end(request->target_path) : NONE;
    if (request->target_path && named == NONE)
        args_fail(args, HEXMCP_E_INVALID, "target_path must end in .png, .jpg or .jpeg");
    if (asked != NONE && named != NONE && asked != named)
        args_fail(args, HEXMCP_E_INVALID,
                  "target_path ends as a file of %s, but target_format is %s; change one of them",
                  written[named], written[asked]);
    size_t usual = request->operation == OPERATION_FRAME ? PNG : JPEG;
    size_t format = asked != NONE ? asked : named != NONE ? named : usual;
    request->png = format == PNG;
}

int32_t request_read(struct args *args, struct request *request)
{
    *request = (struct request){0};
    request->operation =
        (enum operation)args_choice(args, "operation", operations, OPERATION_METADATA);
    read_paths(args, request);
    read_format(args, request);
    request->timestamp = args_number(args, "timestamp_seconds", 0, DAY, 0);
    request->max_width = (int)args_int(args, "max_width", 16, WIDTH_MOST, 640);
    request->max_height = (int)args_int(args, "max_height", 16, HEIGHT_MOST, 360);
    request->quality = (int)args_int(args, "quality", 1, 100, 85);
    request->overwrite = args_bool(args, "overwrite", false);
    request->dry_run = args_bool(args, "dry_run", false);
    return args_status(args);
}
