/*
 * SPDX-License-Identifier: MIT
 */
#include "request.h"

#include <ctype.h>
#include <sodium.h>

enum operation { ENCODE, DECODE };

static const char *const operations[] = {"encode", "decode", NULL};
static const char *const variants[] = {"standard", "url-safe", NULL};

static const struct args_taker takers[] = {
    {"line_breaks", 1 << DECODE}, {"binary_input", 1 << ENCODE}, {NULL, 0}};

const char *request_operation(const struct request *request)
{
    return operations[request->decode ? DECODE : ENCODE];
}

const char *request_variant(const struct request *request)
{
    return variants[request->url_safe];
}

static void read_padding(struct request *q)
{
    q->pad = true;
    if (!args_has(&q->args, "padding"))
        return;
    q->pad = args_bool(&q->args, "padding", true);
    q->padding = q->pad ? PADDING_REQUIRED : PADDING_REFUSED;
}

static void read_target(struct request *q)
{
    q->target_path = args_text(&q->args, "target_path", 4096, NULL);
    q->overwrite = args_bool(&q->args, "overwrite", false);
    q->dry_run = args_bool(&q->args, "dry_run", false);
    if (q->overwrite && !q->target_path)
        args_fail(&q->args, HEXMCP_E_INVALID,
                  "overwrite needs target_path, the file to write; give it, or leave overwrite out");
}

/* Decodes the hex digits where they stand, in memory of the arguments: byte n comes from digits 2n and
 * 2n + 1. */
static void decode_hex(struct request *q)
{
    hexmcp_str text = q->source.data;
    size_t digits = 0;
    while (digits < text.len && isxdigit((unsigned char)text.ptr[digits]))
        digits++;
    if (digits < text.len || digits % 2 != 0)
        args_fail(&q->args, HEXMCP_E_INVALID,
                  "input is not hex at position %zu of %zu; give two hex digits for each byte and "
                  "nothing else, or leave binary_input out to encode the text itself",
                  digits, text.len);
    else
        sodium_hex2bin((unsigned char *)text.ptr, digits, text.ptr, digits, NULL, &q->source.data.len,
                       NULL);
}

static void read_binary(struct request *q)
{
    if (!args_bool(&q->args, "binary_input", false))
        return;
    if (q->source.path)
        args_fail(&q->args, HEXMCP_E_INVALID,
                  "binary_input is for input; leave it out: the bytes of a file are encoded as they "
                  "are");
    else
        decode_hex(q);
}

int32_t request_read(const hexmcp_round *r, struct request *request)
{
    struct request *q = request;
    *q = (struct request){.args = args_begin(r->args, r->err)};
    struct args *args = &q->args;
    size_t operation = args_choice_needed(args, "operation", operations);
    q->decode = operation == DECODE;
    q->url_safe = args_choice(args, "variant", variants, 0) == 1;
    args_refuse(args, takers, operations, operation);
    read_padding(q);
    source_arguments(args, INPUT_BYTES_MAX, &q->source);
    read_target(q);
    if (q->decode)
        q->line_breaks = args_bool(args, "line_breaks", true);
    else
        read_binary(q);
    return args_status(args);
}

void request_clear(struct request *request)
{
    args_end(&request->args);
}
