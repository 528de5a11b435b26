/*
 * SPDX-License-Identifier: MIT
 */
#include "request.h"

#include "hexmcp/json.h"

#include <sodium.h>

static const char *const names[OP_COUNT] = {
    [OP_READ] = "read",         [OP_WRITE] = "write",           [OP_APPEND] = "append",
    [OP_DELETE] = "delete",     [OP_CREATE_DIR] = "create_dir", [OP_LIST_DIR] = "list_dir",
    [OP_COPY] = "copy",         [OP_MOVE] = "move",             [OP_METADATA] = "metadata",
    [OP_EXISTS] = "exists",
};

const char *operation_name(enum operation operation)
{
    return names[operation];
}

static int32_t read_operation(struct request *request, hexmcp_str args, hexmcp_error *err)
{
    hexmcp_str value;
    if (hexmcp_json_get(args, "operation", &value) == HEXMCP_OK) {
        for (int i = 0; i < OP_COUNT; i++) {
            if (hexmcp_json_equals(value, names[i])) {
                request->operation = (enum operation)i;
                return HEXMCP_OK;
            }
        }
    }
    return hexmcp_fail(err, HEXMCP_E_INVALID,
                       "operation is missing or unknown; give read, write, append, delete, "
                       "create_dir, list_dir, copy, move, metadata or exists");
}

/* Leaves *text alone if `key` is not there. */
static int32_t read_text(struct request *request, hexmcp_str args, const char *key,
                         hexmcp_str *text, hexmcp_error *err)
{
    hexmcp_str value;
    char *into = request->memory + request->used;
    size_t len;
    if (hexmcp_json_get(args, key, &value) != HEXMCP_OK)
        return HEXMCP_OK;
    if (hexmcp_json_string(value, into, request->size - request->used, &len) != HEXMCP_OK)
        return hexmcp_fail(err, HEXMCP_E_INVALID, "%s is not a string; give a string", key);
    request->used += len + 1;
    *text = (hexmcp_str){into, len};
    return HEXMCP_OK;
}

static int32_t read_flag(hexmcp_str args, const char *key, int *flag, hexmcp_error *err)
{
    hexmcp_str value;
    if (hexmcp_json_get(args, key, &value) != HEXMCP_OK ||
        hexmcp_json_bool(value, flag) == HEXMCP_OK)
        return HEXMCP_OK;
    return hexmcp_fail(err, HEXMCP_E_INVALID, "%s is neither true nor false; give one of them", key);
}

static int32_t read_number(hexmcp_str args, const char *key, int64_t min, int64_t max,
                           int64_t *number, hexmcp_error *err)
{
    hexmcp_str value;
    int64_t got;
    if (hexmcp_json_get(args, key, &value) != HEXMCP_OK)
        return HEXMCP_OK;
    if (hexmcp_json_int64(value, &got) != HEXMCP_OK || got < min || got > max)
        return hexmcp_fail(err, HEXMCP_E_INVALID,
                           "%s is out of range; give a whole number from %lld to %lld", key,
                           (long long)min, (long long)max);
    *number = got;
    return HEXMCP_OK;
}

static int32_t read_encoding(struct request *request, hexmcp_str args, hexmcp_error *err)
{
    hexmcp_str value;
    if (hexmcp_json_get(args, "encoding", &value) != HEXMCP_OK)
        return HEXMCP_OK;
    request->base64 = hexmcp_json_equals(value, "base64");
    if (request->base64 || hexmcp_json_equals(value, "utf-8"))
        return HEXMCP_OK;
    return hexmcp_fail(err, HEXMCP_E_INVALID, "encoding is unknown; give utf-8 or base64");
}

/* Decodes the input in its place in a copy: libsodium does not promise that both may be the same. */
static int32_t decode_input(struct request *request, hexmcp_error *err)
{
    size_t len;
    const char *end = request->input.ptr;
    uint8_t *data = malloc(request->input.len + 1);
    if (!data)
        return hexmcp_fail(err, HEXMCP_E_NOMEM, "out of memory for the input; try again");
    int status = sodium_base642bin(data, request->input.len, request->input.ptr,
                                   request->input.len, NULL, &len, &end,
                                   sodium_base64_VARIANT_ORIGINAL);
    size_t bad = (size_t)(end - request->input.ptr);
    if (status != 0 || bad != request->input.len) {
        free(data);
        return hexmcp_fail(err, HEXMCP_E_INVALID,
                           "input is not base64 at position %zu of %zu; correct it, or leave "
                           "encoding out to write the text itself",
                           bad, request->input.len);
    }
    memcpy((char *)(uintptr_t)request->input.ptr, data, len);
    request->input.len = len;
    free(data);
    return HEXMCP_OK;
}

static int32_t read_input(struct request *request, hexmcp_str args, hexmcp_error *err)
{
    if (request->operation != OP_WRITE && request->operation != OP_APPEND)
        return HEXMCP_OK;
    int32_t status = read_text(request, args, "input", &request->input, err);
    if (status == HEXMCP_OK && !request->input.ptr)
        return hexmcp_fail(err, HEXMCP_E_INVALID,
                           "%s needs input: the content; give an empty string for none",
                           names[request->operation]);
    if (status == HEXMCP_OK && request->base64 && request->input.len > 0)
        status = decode_input(request, err);
    return status;
}

static int32_t read_paths(struct request *request, hexmcp_str args, hexmcp_error *err)
{
    int two = request->operation == OP_COPY || request->operation == OP_MOVE;
    const char *name = names[request->operation];
    hexmcp_str path = {NULL, 0};
    hexmcp_str source = {NULL, 0};
    int32_t status = read_text(request, args, "path", &path, err);
    if (status == HEXMCP_OK && two)
        status = read_text(request, args, "source_path", &source, err);
    if (status == HEXMCP_OK && two)
        status = read_text(request, args, "target_path", &request->target, err);
    if (status != HEXMCP_OK)
        return status;
    if (path.ptr && source.ptr)
        return hexmcp_fail(err, HEXMCP_E_INVALID,
                           "path and source_path both say what to %s; give source_path alone", name);
    request->path = source.ptr ? source : path;
    if (two && !(request->path.ptr && request->target.ptr))
        return hexmcp_fail(err, HEXMCP_E_INVALID,
                           "%s needs source_path: what to %s, and target_path: its new path with "
                           "its name",
                           name, name);
    if (!request->path.ptr)
        return hexmcp_fail(err, HEXMCP_E_INVALID, "%s needs path: the file or folder", name);
    return HEXMCP_OK;
}

static int32_t read_all(struct request *request, hexmcp_str args, hexmcp_error *err)
{
    int32_t status = read_operation(request, args, err);
    if (status != HEXMCP_OK)
        return status;
    request->overwrite = request->operation == OP_WRITE;
    if ((status = read_paths(request, args, err)) != HEXMCP_OK ||
        (status = read_encoding(request, args, err)) != HEXMCP_OK ||
        (status = read_input(request, args, err)) != HEXMCP_OK ||
        (status = read_flag(args, "recursive", &request->recursive, err)) != HEXMCP_OK ||
        (status = read_flag(args, "overwrite", &request->overwrite, err)) != HEXMCP_OK ||
        (status = read_flag(args, "dry_run", &request->dry_run, err)) != HEXMCP_OK ||
        (status = read_number(args, "offset", 0, INT64_MAX, &request->offset, err)) != HEXMCP_OK ||
        (status = read_number(args, "length", READ_BYTES_MIN, READ_BYTES_MAX, &request->length,
                              err)) != HEXMCP_OK ||
        (status = read_number(args, "limit", 1, LIST_ENTRIES_MAX, &request->limit, err)) !=
            HEXMCP_OK)
        return status;
    return read_text(request, args, "expected_modified", &request->modified, err);
}

int32_t request_read(hexmcp_str args_json, struct request *request, hexmcp_error *err)
{
    struct request fresh = {
        .length = READ_BYTES_DEFAULT,
        .limit = LIST_ENTRIES_DEFAULT,
        /* A decoded text and its NUL are shorter than the text in quotes, so all of them fit. */
        .size = args_json.len + 1,
    };
    fresh.memory = malloc(fresh.size);
    if (!fresh.memory)
        return hexmcp_fail(err, HEXMCP_E_NOMEM, "out of memory for the arguments; try again");
    int32_t status = read_all(&fresh, args_json, err);
    if (status == HEXMCP_OK)
        *request = fresh;
    else
        request_clear(&fresh);
    return status;
}

void request_clear(struct request *request)
{
    free(request->memory);
    *request = (struct request){0};
}
