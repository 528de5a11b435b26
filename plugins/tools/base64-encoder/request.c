/*
 * SPDX-License-Identifier: MIT
 */
#include "request.h"

#include "hexmcp/json.h"

#include <ctype.h>
#include <sodium.h>

const char *request_variant(const struct request *request)
{
    return request->url_safe ? "url-safe" : "standard";
}

/* Which of two words the argument is; `fallback` if it is left out, -1 if it is something else. */
static int read_choice(hexmcp_str args, const char *key, const char *no, const char *yes,
                       int fallback)
{
    hexmcp_str value;
    if (hexmcp_json_get(args, key, &value) != HEXMCP_OK)
        return fallback;
    if (hexmcp_json_equals(value, no))
        return 0;
    return hexmcp_json_equals(value, yes) ? 1 : -1;
}

/* 1 and *flag if it is given; 0 if it is left out. */
static int32_t read_flag(hexmcp_str args, const char *key, int *flag, int *given, hexmcp_error *err)
{
    hexmcp_str value;
    *given = hexmcp_json_get(args, key, &value) == HEXMCP_OK;
    if (*given && hexmcp_json_bool(value, flag) != HEXMCP_OK)
        return hexmcp_fail(err, HEXMCP_E_INVALID, "%s is not a boolean; give true or false", key);
    return HEXMCP_OK;
}

static int32_t read_words(hexmcp_str args, struct request *request, hexmcp_error *err)
{
    request->decode = read_choice(args, "operation", "encode", "decode", -1);
    if (request->decode < 0)
        return hexmcp_fail(err, HEXMCP_E_INVALID, "operation is unknown; give encode or decode");
    request->url_safe = read_choice(args, "variant", "standard", "url-safe", 0);
    if (request->url_safe < 0)
        return hexmcp_fail(err, HEXMCP_E_INVALID, "variant is unknown; give standard or url-safe");
    return HEXMCP_OK;
}

static int32_t read_padding(hexmcp_str args, struct request *request, hexmcp_error *err)
{
    int given;
    request->pad = 1;
    int32_t status = read_flag(args, "padding", &request->pad, &given, err);
    if (status == HEXMCP_OK && given)
        request->padding = request->pad ? PADDING_REQUIRED : PADDING_REFUSED;
    return status;
}

static int32_t read_line_breaks(hexmcp_str args, struct request *request, hexmcp_error *err)
{
    int given;
    request->line_breaks = 1;
    int32_t status = read_flag(args, "line_breaks", &request->line_breaks, &given, err);
    if (status == HEXMCP_OK && given && !request->decode)
        return hexmcp_fail(err, HEXMCP_E_INVALID,
                           "line_breaks is for operation decode only; encode writes none: leave it "
                           "out");
    return status;
}

/* Decodes one text argument to *at and moves that on. ptr stays NULL if it is not given. */
static int32_t take_text(hexmcp_str args, const char *key, char **at, const char *end,
                         hexmcp_str *text, hexmcp_error *err)
{
    hexmcp_str value;
    size_t len;
    if (hexmcp_json_get(args, key, &value) != HEXMCP_OK)
        return HEXMCP_OK;
    if (hexmcp_json_string(value, *at, (size_t)(end - *at), &len) != HEXMCP_OK)
        return hexmcp_fail(err, HEXMCP_E_INVALID, "%s is not a string; give a string", key);
    *text = (hexmcp_str){*at, len};
    *at += len + 1;
    return HEXMCP_OK;
}

static int32_t take_texts(hexmcp_str args, struct request *request, hexmcp_error *err)
{
    /* A decoded text and its NUL are shorter than the text in quotes, so all of them fit. */
    request->memory = malloc(args.len + 1);
    if (!request->memory)
        return hexmcp_fail(err, HEXMCP_E_NOMEM, "out of memory for the arguments; try again");
    char *at = request->memory;
    const char *end = at + args.len + 1;
    int32_t status = take_text(args, "input", &at, end, &request->data, err);
    if (status == HEXMCP_OK)
        status = take_text(args, "path", &at, end, &request->path, err);
    if (status == HEXMCP_OK)
        status = take_text(args, "target_path", &at, end, &request->target_path, err);
    return status;
}

static int32_t check_texts(const struct request *request, hexmcp_error *err)
{
    if (request->data.ptr && request->path.ptr)
        return hexmcp_fail(err, HEXMCP_E_INVALID,
                           "input and path are both given; give the data as input, or the file as "
                           "path");
    if (!request->data.ptr && !request->path.ptr)
        return hexmcp_fail(err, HEXMCP_E_INVALID,
                           "input is missing; give the data as input, or a file as path");
    if (request->data.len > INPUT_BYTES_MAX)
        return hexmcp_fail(err, HEXMCP_E_TOO_LARGE,
                           "input has %zu bytes, but at most 10485760 (10 MiB) are taken; put it "
                           "in a file and give path and target_path",
                           request->data.len);
    return HEXMCP_OK;
}

/* Decodes the hex digits of `data` where they stand: byte n comes from digits 2n and 2n + 1. */
static int32_t decode_hex(struct request *request, hexmcp_error *err)
{
    char *text = request->memory;
    size_t digits = 0;
    size_t len;
    while (digits < request->data.len && isxdigit((unsigned char)text[digits]))
        digits++;
    if (digits < request->data.len || digits % 2 != 0)
        return hexmcp_fail(err, HEXMCP_E_INVALID,
                           "input is not hex at position %zu of %zu; give two hex digits for each "
                           "byte and nothing else, or leave binary_input out to encode the text "
                           "itself",
                           digits, request->data.len);
    sodium_hex2bin((unsigned char *)text, digits, text, digits, NULL, &len, NULL);
    request->data.len = len;
    return HEXMCP_OK;
}

static int32_t read_binary(hexmcp_str args, struct request *request, hexmcp_error *err)
{
    int binary = 0;
    int given;
    int32_t status = read_flag(args, "binary_input", &binary, &given, err);
    if (status != HEXMCP_OK || !binary)
        return status;
    if (request->decode || request->path.ptr)
        return hexmcp_fail(err, HEXMCP_E_INVALID,
                           "binary_input is for the input of operation encode only; leave it out");
    return decode_hex(request, err);
}

static int32_t read_target(hexmcp_str args, struct request *request, hexmcp_error *err)
{
    int given;
    int32_t status = read_flag(args, "overwrite", &request->overwrite, &given, err);
    if (status == HEXMCP_OK && request->overwrite && !request->target_path.ptr)
        return hexmcp_fail(err, HEXMCP_E_INVALID,
                           "overwrite needs target_path, the file to write; give it, or leave "
                           "overwrite out");
    return status == HEXMCP_OK ? read_flag(args, "dry_run", &request->dry_run, &given, err) : status;
}

static int32_t read_all(hexmcp_str args, struct request *request, hexmcp_error *err)
{
    int32_t status = read_words(args, request, err);
    if (status == HEXMCP_OK)
        status = read_padding(args, request, err);
    if (status == HEXMCP_OK)
        status = read_line_breaks(args, request, err);
    if (status == HEXMCP_OK)
        status = take_texts(args, request, err);
    if (status == HEXMCP_OK)
        status = check_texts(request, err);
    if (status == HEXMCP_OK)
        status = read_target(args, request, err);
    if (status == HEXMCP_OK)
        status = read_binary(args, request, err);
    return status;
}

int32_t request_read(hexmcp_str args_json, struct request *request, hexmcp_error *err)
{
    struct request fresh = {0};
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
    request->memory = NULL;
}
