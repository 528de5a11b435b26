/*
 * SPDX-License-Identifier: MIT
 */
#include "source.h"
#include "file.h"
#include "utf8.h"

#include "hexmcp/json.h"

void side_free(struct side *side)
{
    free(side->text_memory);
    free(side->path_memory);
    *side = (struct side){0};
}

static int32_t fail_string(const struct source *source, int32_t status, hexmcp_error *err)
{
    if (status == HEXMCP_E_NOMEM)
        return hexmcp_fail(err, status, "out of memory for %s; try again", source->argument);
    return hexmcp_fail(err, HEXMCP_E_INVALID, "%s is not a string; give a string", source->argument);
}

static int32_t read_file(const hexmcp_files_1 *files, const struct work *work,
                         const struct source *source, size_t limit, struct side *side,
                         hexmcp_error *err)
{
    size_t path_len;
    size_t len;
    int32_t status = hexmcp_json_string_dup(source->value, &side->path_memory, &path_len);
    if (status != HEXMCP_OK)
        return fail_string(source, status, err);
    side->name = (hexmcp_str){side->path_memory, path_len};
    status = file_read(files, work, source->argument, side->name, limit, &side->text_memory, &len,
                       err);
    if (status == HEXMCP_OK)
        side->text = (hexmcp_str){side->text_memory, len};
    return status;
}

static int32_t read_text(const struct source *source, struct side *side, hexmcp_error *err)
{
    size_t len;
    int32_t status = hexmcp_json_string_dup(source->value, &side->text_memory, &len);
    if (status != HEXMCP_OK)
        return fail_string(source, status, err);
    side->text = (hexmcp_str){side->text_memory, len};
    return HEXMCP_OK;
}

/* A diff is text: of other bytes it would show nothing, and JSON could not hold it. */
static int32_t check_text(const struct source *source, const struct side *side, hexmcp_error *err)
{
    const char *nul = side->text.len > 0 ? memchr(side->text.ptr, '\0', side->text.len) : NULL;
    size_t valid = nul ? (size_t)(nul - side->text.ptr) : utf8_valid(side->text);
    if (valid == side->text.len)
        return HEXMCP_OK;
    return hexmcp_fail(err, HEXMCP_E_INVALID,
                       "%s is not UTF-8 text: byte %zu of %zu is 0x%02x; convert it to UTF-8 first, "
                       "or, if it is binary, compare hashes with hash-calculator",
                       source->argument, valid + 1, side->text.len,
                       (unsigned)(unsigned char)side->text.ptr[valid]);
}

static int32_t read_side(const hexmcp_files_1 *files, const struct work *work,
                         const struct source *source, size_t limit, struct side *side,
                         hexmcp_error *err)
{
    int32_t status = HEXMCP_OK;
    if (source->kind == SOURCE_PATH)
        status = read_file(files, work, source, limit, side, err);
    else if (source->kind == SOURCE_TEXT)
        status = read_text(source, side, err);
    else
        side->text = source->value;
    if (status == HEXMCP_OK && side->text.len > limit)
        status = hexmcp_fail(err, HEXMCP_E_TOO_LARGE,
                             "both sides have more than %zu bytes together; compare smaller parts",
                             SOURCES_BYTES_MAX);
    if (status == HEXMCP_OK)
        status = check_text(source, side, err);
    return status;
}

int32_t sides_read(const hexmcp_files_1 *files, const struct work *work,
                   const struct request *request, struct side *old_side, struct side *new_side,
                   hexmcp_error *err)
{
    struct side old_one = {.name = hexmcp_str_from("old")};
    struct side new_one = {.name = hexmcp_str_from("new")};
    int32_t status =
        read_side(files, work, &request->old_source, SOURCES_BYTES_MAX, &old_one, err);
    if (status == HEXMCP_OK)
        status = read_side(files, work, &request->new_source,
                           SOURCES_BYTES_MAX - old_one.text.len, &new_one, err);
    if (status != HEXMCP_OK) {
        side_free(&old_one);
        side_free(&new_one);
        return status;
    }
    *old_side = old_one;
    *new_side = new_one;
    return HEXMCP_OK;
}
