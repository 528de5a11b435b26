/*
 * SPDX-License-Identifier: MIT
 */
#include "operations.h"
#include "casing.h"
#include "clean.h"
#include "edit.h"
#include "lines.h"
#include "utf8.h"
#include "words.h"

#include "kit/encode.h"

typedef int32_t run_fn(struct request *request, struct output *out, hexmcp_error *err);

/* Operations that need no options and cannot fail but by size. */
typedef void plain_fn(hexmcp_str text, struct output *out);

struct operation {
    const char *name;
    plain_fn *plain;
    run_fn *run;
};

static void trim(hexmcp_str text, struct output *out)
{
    output_put(out, clean_trim(text));
}

static int32_t replace(struct request *request, struct output *out, hexmcp_error *err)
{
    if (request->options.from.len == 0)
        return hexmcp_fail(err, HEXMCP_E_INVALID,
                           "replace needs options.from: the text to look for, not empty");
    edit_replace(request->input, request->options.from, request->options.to, out);
    return HEXMCP_OK;
}

static int32_t substring(struct request *request, struct output *out, hexmcp_error *err)
{
    size_t start = request->options.start;
    size_t end = request->options.end;
    size_t length;
    if (start > end)
        return hexmcp_fail(err, HEXMCP_E_INVALID,
                           "options.start %zu is behind options.end %zu; positions count "
                           "characters from 0 and end is the first one left out",
                           start, end);
    size_t first = utf8_offset(request->input, start, &length);
    if (length < start)
        return hexmcp_fail(err, HEXMCP_E_INVALID,
                           "options.start %zu is behind the end: input has %zu characters; give a "
                           "start from 0 to %zu",
                           start, length, length);
    hexmcp_str rest = utf8_slice(request->input, first, request->input.len);
    output_put(out, utf8_slice(rest, 0, utf8_offset(rest, end - start, &length)));
    return HEXMCP_OK;
}

static int32_t truncate_text(struct request *request, struct output *out, hexmcp_error *err)
{
    const struct options *options = &request->options;
    size_t suffix_length = utf8_length(options->suffix);
    if (suffix_length > options->length)
        return hexmcp_fail(err, HEXMCP_E_INVALID,
                           "options.suffix has %zu characters, but options.length is %zu; the "
                           "suffix counts too: give a longer length or a shorter suffix",
                           suffix_length, options->length);
    edit_truncate(request->input, options->length, options->suffix, suffix_length, out);
    return HEXMCP_OK;
}

static int32_t indent(struct request *request, struct output *out, hexmcp_error *err)
{
    (void)err;
    lines_indent(request->input, request->options.spaces, out);
    return HEXMCP_OK;
}

static int32_t word_wrap(struct request *request, struct output *out, hexmcp_error *err)
{
    (void)err;
    lines_wrap(request->input, request->options.width, out);
    return HEXMCP_OK;
}

/* There can be millions of elements: they are decoded one after the other in the same memory. */
static int32_t join_list(struct request *request, struct output *out, hexmcp_error *err)
{
    hexmcp_json_iter it = hexmcp_json_iter_begin(request->list);
    size_t room = request->list.len, len;
    char *item = args_memory(&request->args, room);
    hexmcp_str value;
    for (size_t count = 0; item && hexmcp_json_next(&it, NULL, &value); count++) {
        if (hexmcp_json_string(value, item, room, &len) != HEXMCP_OK || !is_utf8((hexmcp_str){item, len}))
            return hexmcp_fail(err, HEXMCP_E_INVALID,
                               "an element of input is not a text; give a string");
        if (count > 0)
            output_put(out, request->options.delimiter);
        output_put(out, (hexmcp_str){item, len});
    }
    return args_status(&request->args);
}

static int32_t join(struct request *request, struct output *out, hexmcp_error *err)
{
    if (request->list.len > 0)
        return join_list(request, out, err);
    lines_join(request->input, request->options.delimiter, out);
    return HEXMCP_OK;
}

static const struct operation operations[] = {
    {"uppercase", casing_upper, NULL},
    {"lowercase", casing_lower, NULL},
    {"reverse", edit_reverse, NULL},
    {"trim", trim, NULL},
    {"replace", NULL, replace},
    {"substring", NULL, substring},
    {"split", NULL, NULL},
    {"join", NULL, join},
    {"snake_case", words_snake, NULL},
    {"camel_case", words_camel, NULL},
    {"pascal_case", words_pascal, NULL},
    {"sanitize", clean_sanitize, NULL},
    {"truncate", NULL, truncate_text},
    {"indent", NULL, indent},
    {"dedent", lines_dedent, NULL},
    {"normalize_whitespace", clean_spaces, NULL},
    {"word_wrap", NULL, word_wrap},
};

#define COUNT (sizeof(operations) / sizeof(operations[0]))

static const struct operation *find_operation(struct args *args)
{
    const char *names[COUNT + 1] = {NULL};
    for (size_t i = 0; i < COUNT; i++)
        names[i] = operations[i].name;
    size_t place = args_choice(args, "operation", names, COUNT);
    if (place < COUNT)
        return &operations[place];
    args_fail(args, HEXMCP_E_INVALID, "operation is missing; give one of those in the input schema");
    return NULL;
}

static size_t list_length(hexmcp_str list)
{
    hexmcp_json_iter it = hexmcp_json_iter_begin(list);
    size_t count = 0;
    while (hexmcp_json_next(&it, NULL, NULL))
        count++;
    return count;
}

static void write_facts(hexmcp_json_writer *writer, const struct request *request, size_t length)
{
    size_t original =
        request->list.len > 0 ? list_length(request->list) : utf8_length(request->input);
    hexmcp_json_put_int64(writer, "original_length", (int64_t)original);
    hexmcp_json_put_int64(writer, "result_length", (int64_t)length);
}

static int32_t run_split(const struct request *request, hexmcp_json_writer *writer,
                         hexmcp_error *err)
{
    hexmcp_str part;
    size_t count = 0;
    for (size_t pos = 0; edit_next_part(request->input, request->options.delimiter, &pos, &part);)
        count++;
    if (count > SPLIT_PARTS_MAX)
        return hexmcp_fail(err, HEXMCP_E_TOO_LARGE,
                           "input splits into %zu parts, but at most %d are given; cut the input "
                           "or give another options.delimiter",
                           count, SPLIT_PARTS_MAX);
    hexmcp_json_key(writer, "result");
    hexmcp_json_begin_array(writer);
    for (size_t pos = 0; edit_next_part(request->input, request->options.delimiter, &pos, &part);)
        hexmcp_json_write_string(writer, part);
    hexmcp_json_end_array(writer);
    write_facts(writer, request, count);
    return HEXMCP_OK;
}

static int32_t write_text(const struct operation *operation, const struct request *request,
                          const struct output *out, hexmcp_json_writer *writer, hexmcp_error *err)
{
    if (out->status == HEXMCP_E_TOO_LARGE)
        return hexmcp_fail(err, HEXMCP_E_TOO_LARGE,
                           "the result of %s is larger than 10 MiB; give a shorter input or "
                           "options that add less",
                           operation->name);
    if (out->status != HEXMCP_OK)
        return hexmcp_fail(err, HEXMCP_E_NOMEM, "out of memory for the result; try again");
    hexmcp_str text = {out->ptr, out->len};
    hexmcp_json_put_string(writer, "result", text);
    write_facts(writer, request, utf8_length(text));
    return HEXMCP_OK;
}

static int32_t run_text(const struct operation *operation, struct request *request,
                        hexmcp_json_writer *writer, hexmcp_error *err)
{
    struct output out = {.limit = TEXT_BYTES_MAX};
    int32_t status = HEXMCP_OK;
    if (operation->plain)
        operation->plain(request->input, &out);
    else
        status = operation->run(request, &out, err);
    if (status == HEXMCP_OK)
        status = write_text(operation, request, &out, writer, err);
    output_clear(&out);
    return status;
}

int32_t operations_run(struct request *request, hexmcp_json_writer *writer, hexmcp_error *err)
{
    const struct operation *operation = find_operation(&request->args);
    int32_t status;
    if (!operation)
        return args_status(&request->args);
    if (request->list.len > 0 && operation->run != join)
        return hexmcp_fail(err, HEXMCP_E_INVALID,
                           "input of %s must be one string; only join takes an array",
                           operation->name);
    hexmcp_json_begin_object(writer);
    hexmcp_json_put_text(writer, "operation", operation->name);
    if (operation->plain || operation->run)
        status = run_text(operation, request, writer, err);
    else
        status = run_split(request, writer, err);
    hexmcp_json_end_object(writer);
    return status;
}
