/*
 * SPDX-License-Identifier: MIT
 */
#include "source.h"
#include "file.h"

#include "kit/encode.h"

void side_free(struct side *side)
{
    free(side->memory);
    *side = (struct side){0};
}

static int32_t read_file(const hexmcp_files_1 *files, const struct work *work,
                         const struct source *source, hexmcp_str path, size_t limit,
                         struct side *side, hexmcp_error *err)
{
    size_t len;
    int32_t status = file_read(files, work, source->argument, path, limit, &side->memory, &len, err);
    side->name = path;
    if (status == HEXMCP_OK)
        side->text = (hexmcp_str){side->memory, len};
    return status;
}

/* A diff is text: of other bytes it would show nothing, and JSON could not hold it. */
static int32_t check_text(const struct source *source, const struct side *side, hexmcp_error *err)
{
    const char *nul = side->text.len > 0 ? memchr(side->text.ptr, '\0', side->text.len) : NULL;
    size_t valid = nul ? (size_t)(nul - side->text.ptr) : utf8_good(side->text);
    if (valid == side->text.len)
        return HEXMCP_OK;
    return hexmcp_fail(err, HEXMCP_E_INVALID,
                       "%s is not UTF-8 text: byte %zu of %zu is 0x%02x; convert it to UTF-8 first, "
                       "or, if it is binary, compare hashes with hash-calculator",
                       source->argument, valid + 1, side->text.len,
                       (unsigned)(unsigned char)side->text.ptr[valid]);
}

static int32_t read_side(const hexmcp_files_1 *files, const struct work *work, struct args *args,
                         const struct source *source, size_t limit, struct side *side,
                         hexmcp_error *err)
{
    side->text = source->value;
    if (source->kind != SOURCE_JSON)
        side->text = args_string_bytes(args, source->value, source->argument, SIZE_MAX, "");
    int32_t status = args_status(args);
    if (status == HEXMCP_OK && source->kind == SOURCE_PATH)
        status = read_file(files, work, source, side->text, limit, side, err);
    if (status == HEXMCP_OK && side->text.len > limit)
        status = hexmcp_fail(err, HEXMCP_E_TOO_LARGE,
                             "both sides have more than %zu bytes together; compare smaller parts",
                             SOURCES_BYTES_MAX);
    if (status == HEXMCP_OK)
        status = check_text(source, side, err);
    return status;
}

int32_t sides_read(const hexmcp_files_1 *files, const struct work *work, struct request *request,
                   struct side *old_side, struct side *new_side, hexmcp_error *err)
{
    struct args *args = &request->args;
    *old_side = (struct side){.name = hexmcp_str_from("old")};
    *new_side = (struct side){.name = hexmcp_str_from("new")};
    int32_t status =
        read_side(files, work, args, &request->old_source, SOURCES_BYTES_MAX, old_side, err);
    if (status == HEXMCP_OK)
        status = read_side(files, work, args, &request->new_source,
                           SOURCES_BYTES_MAX - old_side->text.len, new_side, err);
    return status;
}
