/*
 * SPDX-License-Identifier: MIT
 */
#include "request.h"

#include "kit/source.h"
#include "kit/suffix.h"

#include <string.h>

#define DAY 86400.0

static const char *const operations[] = {"detect", "metadata", "measure", "convert", NULL};
static const char *const written[] = {"wav", "flac", "ogg", "mp3", "opus", NULL};

const char *operation_name(enum operation operation)
{
    return operations[operation];
}

static void read_paths(struct args *args, struct request *request)
{
    request->path = source_path_argument(args);
    if (!request->path)
        args_fail(args, HEXMCP_E_INVALID, "there is no sound to work on; give path");
    request->target_path = args_text(args, "target_path", 4096, NULL);
    if (request->target_path && request->operation != OPERATION_CONVERT)
        args_fail(args, HEXMCP_E_INVALID,
                  "%s writes nothing; leave target_path out, or take the operation convert",
                  operations[request->operation]);
}

static void read_format(struct args *args, struct request *request)
{
    const size_t none = sizeof(written);
    size_t asked = args_choice(args, "target_format", written, none);
    const struct format *named = request->target_path ? format_of_name(request->target_path) : NULL;
    request->format = asked != none ? format_at(asked) : named;
    if (request->operation != OPERATION_CONVERT)
        return;
    if (!request->format)
        args_fail(args, HEXMCP_E_INVALID,
                  "convert needs target_format, or a target_path that ends in .wav, .flac, .ogg, .mp3 or "
                  ".opus");
    else if (!request->format->written)
        args_fail(args, HEXMCP_E_UNSUPPORTED, "%s cannot be written; take wav, flac, ogg, mp3 or opus",
                  request->format->name);
    else if (asked != none && named && !suffix_fits(request->target_path, request->format->suffixes))
        args_fail(args, HEXMCP_E_INVALID,
                  "target_path ends as a file of %s, but target_format is %s; change one of them",
                  named->name, request->format->name);
}

int32_t request_read(struct args *args, struct request *request)
{
    *request = (struct request){0};
    request->operation =
        (enum operation)args_choice(args, "operation", operations, OPERATION_METADATA);
    read_paths(args, request);
    read_format(args, request);
    request->quality = (int)args_int(args, "quality", 0, 10, 8);
    request->bits = (int)args_int(args, "bits", 16, 24, 0);
    request->sample_rate = (int)args_int(args, "sample_rate", 8000, 192000, 0);
    request->mono = args_bool(args, "mono", false);
    request->keep_tags = args_bool(args, "keep_tags", true);
    request->start = args_number(args, "start_seconds", 0, DAY, 0);
    request->duration = args_number(args, "duration_seconds", 0, DAY, 0);
    request->overwrite = args_bool(args, "overwrite", false);
    request->dry_run = args_bool(args, "dry_run", false);
    return args_status(args);
}
