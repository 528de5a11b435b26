/*
 * SPDX-License-Identifier: MIT
 */
#include "request.h"

#include "kit/encode.h"

/* What the JSON string `value` says, in UTF-8, on which all that works on it relies. */
static hexmcp_str decode(struct args *args, const char *key, hexmcp_str value, size_t most)
{
    hexmcp_str text = args_string_bytes(args, value, key, most, "cut it and call once for each part");
    size_t good = utf8_good(text);
    if (good < text.len)
        args_fail(args, HEXMCP_E_INVALID, "%s%s is not UTF-8 at byte %zu; give text", args->name, key,
                  good);
    return text;
}

static hexmcp_str read_text(struct args *options, const char *key, const char *fallback)
{
    hexmcp_str value = args_raw(options, key);
    return value.len > 0 ? decode(options, key, value, SIZE_MAX) : hexmcp_str_from(fallback);
}

static size_t read_count(struct args *options, const char *key, int64_t low, int64_t high,
                         int64_t fallback)
{
    return (size_t)args_int(options, key, low, high, fallback);
}

static void read_options(struct args *args, struct options *o)
{
    struct args options = args_object(args, "options");
    o->start = read_count(&options, "start", 0, TEXT_BYTES_MAX, 0);
    o->end = read_count(&options, "end", 0, TEXT_BYTES_MAX, INT64_MAX);
    o->length = read_count(&options, "length", 0, TEXT_BYTES_MAX, 100);
    o->spaces = read_count(&options, "spaces", 0, 1000, 4);
    o->width = read_count(&options, "width", 1, 10000, 80);
    o->from = read_text(&options, "from", "");
    o->to = read_text(&options, "to", "");
    o->delimiter = read_text(&options, "delimiter", " ");
    o->suffix = read_text(&options, "suffix", "\u2026");
}

int32_t request_read(hexmcp_str args_json, struct request *request, hexmcp_error *err)
{
    *request = (struct request){.args = args_begin(args_json, err)};
    struct args *args = &request->args;
    hexmcp_str input = args_raw(args, "input");
    if (hexmcp_json_type(input) == HEXMCP_JSON_ARRAY)
        request->list = input;
    else if (input.len > 0)
        request->input = decode(args, "input", input, TEXT_BYTES_MAX);
    else
        args_fail(args, HEXMCP_E_INVALID, "input is missing; give the text to work on");
    read_options(args, &request->options);
    return args_status(args);
}
