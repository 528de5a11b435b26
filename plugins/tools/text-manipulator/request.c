/*
 * SPDX-License-Identifier: MIT
 */
#include "request.h"
#include "utf8.h"

#include "hexmcp/json.h"

int32_t request_decode(struct request *request, const char *name, hexmcp_str value,
                       hexmcp_str *text, hexmcp_error *err)
{
    char *into = request->memory + request->used;
    size_t len;
    size_t bad;
    if (hexmcp_json_string(value, into, request->size - request->used, &len) != HEXMCP_OK)
        return hexmcp_fail(err, HEXMCP_E_INVALID, "%s is not a string; give a string", name);
    hexmcp_str decoded = {into, len};
    if (!utf8_valid(decoded, &bad))
        return hexmcp_fail(err, HEXMCP_E_INVALID, "%s is not UTF-8 at byte %zu; give text", name,
                           bad);
    request->used += len + 1;
    *text = decoded;
    return HEXMCP_OK;
}

static int32_t read_text(struct request *request, hexmcp_str object, const char *key,
                         hexmcp_str *text, hexmcp_error *err)
{
    hexmcp_str value;
    if (hexmcp_json_get(object, key, &value) != HEXMCP_OK)
        return HEXMCP_OK;
    return request_decode(request, key, value, text, err);
}

struct number_option {
    const char *key;
    size_t min;
    size_t max;
    size_t offset;
};

static const struct number_option number_options[] = {
    {"start", 0, TEXT_BYTES_MAX, offsetof(struct options, start)},
    {"end", 0, TEXT_BYTES_MAX, offsetof(struct options, end)},
    {"length", 0, TEXT_BYTES_MAX, offsetof(struct options, length)},
    {"spaces", 0, 1000, offsetof(struct options, spaces)},
    {"width", 1, 10000, offsetof(struct options, width)},
};

static int32_t read_number(const struct number_option *option, hexmcp_str object,
                           struct options *options, hexmcp_error *err)
{
    hexmcp_str value;
    int64_t number;
    if (hexmcp_json_get(object, option->key, &value) != HEXMCP_OK)
        return HEXMCP_OK;
    if (hexmcp_json_int64(value, &number) != HEXMCP_OK || number < (int64_t)option->min ||
        number > (int64_t)option->max)
        return hexmcp_fail(err, HEXMCP_E_INVALID,
                           "%s is out of range; give a whole number from %zu to %zu", option->key,
                           option->min, option->max);
    size_t exact = (size_t)number;
    memcpy((char *)options + option->offset, &exact, sizeof(exact));
    return HEXMCP_OK;
}

static int32_t read_options(struct request *request, hexmcp_str args, hexmcp_error *err)
{
    struct options *options = &request->options;
    hexmcp_str object;
    int32_t status;
    if (hexmcp_json_get(args, "options", &object) != HEXMCP_OK)
        return HEXMCP_OK;
    for (size_t i = 0; i < sizeof(number_options) / sizeof(number_options[0]); i++) {
        if ((status = read_number(&number_options[i], object, options, err)) != HEXMCP_OK)
            return status;
    }
    if ((status = read_text(request, object, "from", &options->from, err)) != HEXMCP_OK ||
        (status = read_text(request, object, "to", &options->to, err)) != HEXMCP_OK ||
        (status = read_text(request, object, "delimiter", &options->delimiter, err)) != HEXMCP_OK)
        return status;
    return read_text(request, object, "suffix", &options->suffix, err);
}

static int32_t read_input(struct request *request, hexmcp_str args, hexmcp_error *err)
{
    hexmcp_str value;
    if (hexmcp_json_get(args, "input", &value) != HEXMCP_OK)
        return hexmcp_fail(err, HEXMCP_E_INVALID, "input is missing; give the text to work on");
    if (hexmcp_json_type(value) == HEXMCP_JSON_ARRAY) {
        request->list = value;
        return HEXMCP_OK;
    }
    int32_t status = request_decode(request, "input", value, &request->input, err);
    if (status == HEXMCP_OK && request->input.len > TEXT_BYTES_MAX)
        return hexmcp_fail(err, HEXMCP_E_TOO_LARGE,
                           "input has %zu bytes, but at most 10485760 (10 MiB) are taken; cut it "
                           "and call once for each part",
                           request->input.len);
    return status;
}

static int32_t read_all(struct request *request, hexmcp_str args, hexmcp_error *err)
{
    hexmcp_str operation;
    int32_t status;
    if (hexmcp_json_get(args, "operation", &operation) != HEXMCP_OK)
        return hexmcp_fail(err, HEXMCP_E_INVALID,
                           "operation is missing; give one of those in the input schema");
    status = request_decode(request, "operation", operation, &request->operation, err);
    if (status == HEXMCP_OK)
        status = read_input(request, args, err);
    if (status == HEXMCP_OK)
        status = read_options(request, args, err);
    return status;
}

int32_t request_read(hexmcp_str args_json, struct request *request, hexmcp_error *err)
{
    struct request fresh = {
        .options = {.delimiter = {" ", 1},
                    .suffix = hexmcp_str_from("\u2026"),
                    .end = SIZE_MAX,
                    .length = 100,
                    .spaces = 4,
                    .width = 80},
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
