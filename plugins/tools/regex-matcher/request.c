/*
 * SPDX-License-Identifier: MIT
 */
#include "request.h"
#include "regex.h"
#include "text.h"

#include "hexmcp/json.h"

static int32_t read_text(struct request *request, hexmcp_str args, const char *key,
                         hexmcp_str *text, hexmcp_error *err)
{
    hexmcp_str value;
    char *into = request->memory + request->used;
    size_t len;
    size_t bad;
    if (hexmcp_json_get(args, key, &value) != HEXMCP_OK)
        return HEXMCP_OK;
    if (hexmcp_json_string(value, into, request->size - request->used, &len) != HEXMCP_OK)
        return hexmcp_fail(err, HEXMCP_E_INVALID, "%s is not a string; give a string", key);
    if (len > TEXT_BYTES_MAX)
        return hexmcp_fail(err, HEXMCP_E_TOO_LARGE,
                           "%s has %zu bytes, but at most 10485760 (10 MiB) are taken; cut it and "
                           "call once for each part",
                           key, len);
    if (!text_valid((hexmcp_str){into, len}, &bad))
        return hexmcp_fail(err, HEXMCP_E_INVALID, "%s is not UTF-8 at byte %zu; give text", key,
                           bad);
    request->used += len + 1;
    *text = (hexmcp_str){into, len};
    return HEXMCP_OK;
}

static int32_t read_operation(hexmcp_str args, struct request *request, hexmcp_error *err)
{
    hexmcp_str value;
    snprintf(request->operation, sizeof(request->operation), "is_match");
    if (hexmcp_json_get(args, "operation", &value) != HEXMCP_OK)
        return HEXMCP_OK;
    if (hexmcp_json_string(value, request->operation, sizeof(request->operation), NULL) == HEXMCP_OK)
        return HEXMCP_OK;
    return hexmcp_fail(err, HEXMCP_E_INVALID,
                       "operation is unknown; give is_match, find, find_all, captures, replace, "
                       "split or validate");
}

static int32_t read_flags(hexmcp_str args, struct request *request, hexmcp_error *err)
{
    static const struct {
        char letter;
        uint32_t option;
    } flags[] = {{'i', PCRE2_CASELESS},
                 {'m', PCRE2_MULTILINE},
                 {'s', PCRE2_DOTALL},
                 {'x', PCRE2_EXTENDED}};
    hexmcp_str value, letters = {NULL, 0};
    if (hexmcp_json_get(args, "flags", &value) != HEXMCP_OK)
        return HEXMCP_OK;
    int32_t status = read_text(request, args, "flags", &letters, err);
    for (size_t i = 0; status == HEXMCP_OK && i < letters.len; i++) {
        size_t k = 0;
        while (k < 4 && flags[k].letter != letters.ptr[i])
            k++;
        if (k == 4)
            return hexmcp_fail(err, HEXMCP_E_INVALID,
                               "flags has a letter other than i, m, s and x; there is no g: use "
                               "find_all, and replace works on all matches");
        request->options |= flags[k].option;
    }
    return status;
}

static int32_t read_limit(hexmcp_str args, struct request *request, hexmcp_error *err)
{
    hexmcp_str value;
    int64_t number = 1000;
    if (hexmcp_json_get(args, "limit", &value) == HEXMCP_OK &&
        (hexmcp_json_int64(value, &number) != HEXMCP_OK || number < 1 || number > MATCHES_MAX))
        return hexmcp_fail(err, HEXMCP_E_INVALID, "limit is not a whole number from 1 to %d",
                           MATCHES_MAX);
    request->limit = (size_t)number;
    return HEXMCP_OK;
}

static int32_t read_all(hexmcp_str args, struct request *request, hexmcp_error *err)
{
    int32_t status = read_operation(args, request, err);
    if (status == HEXMCP_OK)
        status = read_text(request, args, "pattern", &request->pattern, err);
    if (status == HEXMCP_OK)
        status = read_text(request, args, "input", &request->input, err);
    if (status == HEXMCP_OK)
        status = read_text(request, args, "replacement", &request->replacement, err);
    if (status == HEXMCP_OK)
        status = read_flags(args, request, err);
    if (status == HEXMCP_OK)
        status = read_limit(args, request, err);
    if (status == HEXMCP_OK && !request->pattern.ptr)
        return hexmcp_fail(err, HEXMCP_E_INVALID, "pattern is missing; give a regular expression");
    return status;
}

int32_t request_read(hexmcp_str args_json, struct request *request, hexmcp_error *err)
{
    /* A decoded text and its NUL are shorter than the text in quotes, so all of them fit. */
    struct request fresh = {.size = args_json.len + 1};
    fresh.memory = malloc(fresh.size);
    if (!fresh.memory)
        return hexmcp_fail(err, HEXMCP_E_NOMEM, "out of memory for the arguments; try again");
    int32_t status = read_all(args_json, &fresh, err);
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
