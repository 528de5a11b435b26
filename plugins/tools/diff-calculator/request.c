/*
 * SPDX-License-Identifier: MIT
 */
#include "request.h"

static const char *const format_names[] = {"unified", "context",    "inline", "simple",
                                           "changes", "json-patch", NULL};

const char *format_name(enum format format)
{
    return format_names[format];
}

/* One of the three arguments of a side. `names` are in the order of enum source_kind. */
static void read_source(struct args *args, const char *const names[3], struct source *source)
{
    for (int kind = SOURCE_TEXT; kind <= (int)SOURCE_PATH; kind++) {
        hexmcp_str value;
        /* Not args_raw(): null is a JSON document. */
        if (hexmcp_json_get(args->json, names[kind], &value) != HEXMCP_OK)
            continue;
        if (source->argument)
            args_fail(args, HEXMCP_E_INVALID,
                      "%s and %s are both given; give one of them, because there is one document to a "
                      "side",
                      source->argument, names[kind]);
        *source = (struct source){(enum source_kind)kind, names[kind], value};
    }
    if (!source->argument)
        args_fail(args, HEXMCP_E_INVALID, "one side is missing; give %s, %s or %s", names[SOURCE_TEXT],
                  names[SOURCE_JSON], names[SOURCE_PATH]);
}

static void read_sources(struct args *args, struct request *request)
{
    static const char *const old_names[] = {"old_text", "old_json", "old_path"};
    static const char *const new_names[] = {"new_text", "new_json", "new_path"};
    read_source(args, old_names, &request->old_source);
    read_source(args, new_names, &request->new_source);
}

/* A value that is given as JSON says that JSON is compared. */
static void read_type(struct args *args, struct request *request)
{
    static const char *const words[] = {"text", "json", NULL};
    const struct source *json = request->old_source.kind == SOURCE_JSON   ? &request->old_source
                                : request->new_source.kind == SOURCE_JSON ? &request->new_source
                                                                          : NULL;
    request->json = args_choice(args, "type", words, json != NULL) == 1;
    if (!request->json && json)
        args_fail(args, HEXMCP_E_INVALID,
                  "type text compares lines of text, but %s is a JSON value; leave type out, or give "
                  "old_text and new_text",
                  json->argument);
}

static void read_format(struct args *args, struct request *request)
{
    size_t usual = request->json ? FORMAT_CHANGES : FORMAT_UNIFIED;
    request->format = (enum format)args_choice(args, "format", format_names, usual);
    if (request->json && request->format < FORMAT_CHANGES)
        args_fail(args, HEXMCP_E_INVALID,
                  "format %s is for texts; for type json give changes or json-patch, or leave it out",
                  format_name(request->format));
    if (!request->json && request->format >= FORMAT_CHANGES)
        args_fail(args, HEXMCP_E_INVALID,
                  "format %s is for JSON; add type json, or give unified, context, inline or simple",
                  format_name(request->format));
}

int32_t request_read(hexmcp_str args_json, struct request *request, hexmcp_error *err)
{
    static const char *const spaces[] = {"none", "at_end", "amount", "all", NULL};
    static const char *const ways[] = {"myers", "patience", NULL};
    *request = (struct request){.args = args_begin(args_json, err)};
    struct args *args = &request->args;
    read_sources(args, request);
    read_type(args, request);
    read_format(args, request);
    request->whitespace =
        (enum whitespace)args_choice(args, "ignore_whitespace", spaces, WHITESPACE_EXACT);
    request->patience = args_choice(args, "algorithm", ways, 0) == 1;
    request->context_lines = (size_t)args_int(args, "context_lines", 0, CONTEXT_LINES_MAX, 3);
    request->exact_numbers = args_bool(args, "exact_numbers", false);
    return args_status(args);
}
