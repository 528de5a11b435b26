/*
 * SPDX-License-Identifier: MIT
 */
#include "request.h"

#include "hexmcp/json.h"

/* The place of the value of `key` in `words`, which NULL ends; `fallback` if it is left out; -1 if
 * it is none of them. */
static int choose(hexmcp_str args, const char *key, const char *const *words, int fallback)
{
    hexmcp_str value;
    if (hexmcp_json_get(args, key, &value) != HEXMCP_OK)
        return fallback;
    for (int i = 0; words[i]; i++) {
        if (hexmcp_json_equals(value, words[i]))
            return i;
    }
    return -1;
}

/* "a, b or c" */
static int32_t fail_choice(const char *key, const char *const *words, hexmcp_error *err)
{
    char text[128];
    size_t used = 0;
    for (int i = 0; words[i]; i++) {
        int len = snprintf(text + used, sizeof(text) - used, "%s%s",
                           i == 0           ? ""
                           : words[i + 1] ? ", "
                                          : " or ",
                           words[i]);
        used += len > 0 ? (size_t)len : 0;
    }
    return hexmcp_fail(err, HEXMCP_E_INVALID, "%s is unknown; give %s", key, text);
}

static const char *const format_names[] = {"unified", "context",    "inline", "simple",
                                           "changes", "json-patch", NULL};

const char *format_name(enum format format)
{
    return format_names[format];
}

/* One of the three arguments of a side. `names` are in the order of enum source_kind. */
static int32_t read_source(hexmcp_str args, const char *const names[3], struct source *source,
                           hexmcp_error *err)
{
    int found = 0;
    for (int kind = SOURCE_TEXT; kind <= (int)SOURCE_PATH; kind++) {
        hexmcp_str value;
        if (hexmcp_json_get(args, names[kind], &value) != HEXMCP_OK)
            continue;
        if (found++ > 0)
            return hexmcp_fail(err, HEXMCP_E_INVALID,
                               "%s and %s are both given; give one of them, because there is one "
                               "document to a side",
                               source->argument, names[kind]);
        if (kind != SOURCE_JSON && hexmcp_json_type(value) != HEXMCP_JSON_STRING)
            return hexmcp_fail(err, HEXMCP_E_INVALID, "%s is not a string; give a string",
                               names[kind]);
        *source = (struct source){(enum source_kind)kind, names[kind], value};
    }
    if (found == 0)
        return hexmcp_fail(err, HEXMCP_E_INVALID, "one side is missing; give %s, %s or %s",
                           names[SOURCE_TEXT], names[SOURCE_JSON], names[SOURCE_PATH]);
    return HEXMCP_OK;
}

static int32_t read_sources(hexmcp_str args, struct request *request, hexmcp_error *err)
{
    static const char *const old_names[] = {"old_text", "old_json", "old_path"};
    static const char *const new_names[] = {"new_text", "new_json", "new_path"};
    int32_t status = read_source(args, old_names, &request->old_source, err);
    return status == HEXMCP_OK ? read_source(args, new_names, &request->new_source, err) : status;
}

/* A value that is given as JSON says that JSON is compared. */
static int32_t read_type(hexmcp_str args, struct request *request, hexmcp_error *err)
{
    static const char *const words[] = {"text", "json", NULL};
    int is_json = request->old_source.kind == SOURCE_JSON || request->new_source.kind == SOURCE_JSON;
    int type = choose(args, "type", words, is_json);
    if (type < 0)
        return fail_choice("type", words, err);
    if (type == 0 && is_json)
        return hexmcp_fail(err, HEXMCP_E_INVALID,
                           "type text compares lines of text, but %s is a JSON value; leave type "
                           "out, or give old_text and new_text",
                           request->old_source.kind == SOURCE_JSON ? request->old_source.argument
                                                                   : request->new_source.argument);
    request->json = type;
    return HEXMCP_OK;
}

static int32_t read_format(hexmcp_str args, struct request *request, hexmcp_error *err)
{
    int format = choose(args, "format", format_names,
                        request->json ? FORMAT_CHANGES : FORMAT_UNIFIED);
    if (format < 0)
        return fail_choice("format", format_names, err);
    if (request->json && format < (int)FORMAT_CHANGES)
        return hexmcp_fail(err, HEXMCP_E_INVALID,
                           "format %s is for texts; for type json give changes or json-patch, or "
                           "leave it out",
                           format_names[format]);
    if (!request->json && format >= (int)FORMAT_CHANGES)
        return hexmcp_fail(err, HEXMCP_E_INVALID,
                           "format %s is for JSON; add type json, or give unified, context, inline "
                           "or simple",
                           format_names[format]);
    request->format = (enum format)format;
    return HEXMCP_OK;
}

static int32_t read_ways(hexmcp_str args, struct request *request, hexmcp_error *err)
{
    static const char *const spaces[] = {"none", "at_end", "amount", "all", NULL};
    static const char *const ways[] = {"myers", "patience", NULL};
    int whitespace = choose(args, "ignore_whitespace", spaces, WHITESPACE_EXACT);
    if (whitespace < 0)
        return fail_choice("ignore_whitespace", spaces, err);
    request->whitespace = (enum whitespace)whitespace;
    request->patience = choose(args, "algorithm", ways, 0);
    if (request->patience < 0)
        return fail_choice("algorithm", ways, err);
    return HEXMCP_OK;
}

static int32_t read_numbers(hexmcp_str args, struct request *request, hexmcp_error *err)
{
    hexmcp_str value;
    int64_t context = 3;
    request->exact_numbers = 0;
    if (hexmcp_json_get(args, "context_lines", &value) == HEXMCP_OK &&
        (hexmcp_json_int64(value, &context) != HEXMCP_OK || context < 0 ||
         context > CONTEXT_LINES_MAX))
        return hexmcp_fail(err, HEXMCP_E_INVALID,
                           "context_lines is not a whole number from 0 to %d; give one, or leave "
                           "it out for 3",
                           CONTEXT_LINES_MAX);
    request->context_lines = (size_t)context;
    if (hexmcp_json_get(args, "exact_numbers", &value) == HEXMCP_OK &&
        hexmcp_json_bool(value, &request->exact_numbers) != HEXMCP_OK)
        return hexmcp_fail(err, HEXMCP_E_INVALID,
                           "exact_numbers is neither true nor false; give one of them");
    return HEXMCP_OK;
}

int32_t request_read(hexmcp_str args_json, struct request *request, hexmcp_error *err)
{
    int32_t status = read_sources(args_json, request, err);
    if (status == HEXMCP_OK)
        status = read_type(args_json, request, err);
    if (status == HEXMCP_OK)
        status = read_format(args_json, request, err);
    if (status == HEXMCP_OK)
        status = read_ways(args_json, request, err);
    if (status == HEXMCP_OK)
        status = read_numbers(args_json, request, err);
    return status;
}
