/*
 * SPDX-License-Identifier: MIT
 */
#include "request.h"

#include "hexmcp/json.h"

static int32_t decode(struct request *request, const char *key, hexmcp_str value, hexmcp_str *text,
                      hexmcp_error *err)
{
    char *into = request->memory + request->used;
    size_t len;
    if (hexmcp_json_string(value, into, request->size - request->used, &len) != HEXMCP_OK)
        return hexmcp_fail(err, HEXMCP_E_INVALID, "%s is not a string; give a string", key);
    request->used += len + 1;
    *text = (hexmcp_str){into, len};
    return HEXMCP_OK;
}

static int32_t read_text(struct request *request, hexmcp_str args, const char *key,
                         hexmcp_str *text, hexmcp_error *err)
{
    hexmcp_str value;
    if (hexmcp_json_get(args, key, &value) != HEXMCP_OK)
        return hexmcp_fail(err, HEXMCP_E_INVALID, "%s is missing; give a string", key);
    int32_t status = decode(request, key, value, text, err);
    if (status == HEXMCP_OK && text->len == 0)
        return hexmcp_fail(err, HEXMCP_E_INVALID, "%s is empty; give at least a character", key);
    return status;
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

static int32_t read_list(struct request *request, hexmcp_str args, const char *key,
                         struct list *list, hexmcp_error *err)
{
    hexmcp_str value, item;
    int32_t status = HEXMCP_OK;
    if (hexmcp_json_get(args, key, &value) != HEXMCP_OK)
        return HEXMCP_OK;
    hexmcp_json_iter it = hexmcp_json_iter_begin(value);
    if (it.status != HEXMCP_OK || it.is_object)
        return hexmcp_fail(err, HEXMCP_E_INVALID, "%s is not a list; give a list of strings", key);
    list->at = calloc(LIST_MAX, sizeof(*list->at));
    if (!list->at)
        return hexmcp_fail(err, HEXMCP_E_NOMEM, "out of memory for the arguments; try again");
    while (status == HEXMCP_OK && hexmcp_json_next(&it, NULL, &item)) {
        if (list->count == LIST_MAX)
            return hexmcp_fail(err, HEXMCP_E_TOO_LARGE, "%s has more than %d strings; give fewer",
                               key, LIST_MAX);
        status = decode(request, key, item, &list->at[list->count], err);
        list->count += status == HEXMCP_OK;
    }
    return status;
}

struct list_argument {
    const char *key;
    size_t offset;
};

static const struct list_argument list_arguments[] = {
    {"include", offsetof(struct request, include)},
    {"exclude", offsetof(struct request, exclude)},
    {"include_extensions", offsetof(struct request, include_extensions)},
    {"exclude_extensions", offsetof(struct request, exclude_extensions)},
    {"exclude_dirs", offsetof(struct request, exclude_dirs)},
};

#define LIST_COUNT (sizeof(list_arguments) / sizeof(list_arguments[0]))

static struct list *list_of(struct request *request, size_t i)
{
    return (struct list *)(void *)((char *)request + list_arguments[i].offset);
}

static int32_t read_numbers(struct request *request, hexmcp_str args, hexmcp_error *err)
{
    const struct {
        const char *key;
        int64_t min, max;
        int64_t *number;
    } numbers[] = {
        {"context_lines", 0, CONTEXT_LINES_MAX, &request->context_lines},
        {"max_file_size", 1, FILE_BYTES_MAX, &request->max_file_size},
        {"max_matches_per_file", 0, INT32_MAX, &request->max_matches_per_file},
        {"offset", 0, OFFSET_MAX, &request->offset},
        {"limit", 1, RESULTS_MAX, &request->limit},
        {"max_depth", 0, DEPTH_MAX, &request->max_depth},
    };
    int32_t status = HEXMCP_OK;
    for (size_t i = 0; i < sizeof(numbers) / sizeof(numbers[0]) && status == HEXMCP_OK; i++)
        status = read_number(args, numbers[i].key, numbers[i].min, numbers[i].max,
                             numbers[i].number, err);
    return status;
}

static int32_t read_all(struct request *request, hexmcp_str args, hexmcp_error *err)
{
    int32_t status;
    if ((status = read_text(request, args, "pattern", &request->pattern, err)) != HEXMCP_OK ||
        (status = read_text(request, args, "path", &request->path, err)) != HEXMCP_OK ||
        (status = read_flag(args, "recursive", &request->recursive, err)) != HEXMCP_OK ||
        (status = read_flag(args, "case_sensitive", &request->case_sensitive, err)) != HEXMCP_OK ||
        (status = read_flag(args, "use_regex", &request->use_regex, err)) != HEXMCP_OK)
        return status;
    status = read_numbers(request, args, err);
    for (size_t i = 0; i < LIST_COUNT && status == HEXMCP_OK; i++)
        status = read_list(request, args, list_arguments[i].key, list_of(request, i), err);
    return status;
}

int32_t request_read(hexmcp_str args_json, struct request *request, hexmcp_error *err)
{
    struct request fresh = {
        .case_sensitive = 1,
        .context_lines = 2,
        .max_file_size = FILE_BYTES_DEFAULT,
        .limit = RESULTS_MAX,
        .max_depth = 20,
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
    for (size_t i = 0; i < LIST_COUNT; i++)
        free(list_of(request, i)->at);
    free(request->memory);
    *request = (struct request){0};
}
