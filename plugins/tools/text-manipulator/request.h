/*
 * request.h - the arguments of a call, decoded.
 *
 * SPDX-License-Identifier: MIT
 */
#pragma once

#include "hexmcp/abi.h"

/* Most bytes of `input`, and most bytes of a result. */
#define TEXT_BYTES_MAX ((size_t)10 * 1024 * 1024)

/* The options with their defaults filled in. Lengths and positions count characters. */
struct options {
    hexmcp_str from; /* empty if not given */
    hexmcp_str to;
    hexmcp_str delimiter;
    hexmcp_str suffix;
    size_t start;
    size_t end; /* SIZE_MAX if not given */
    size_t length;
    size_t spaces;
    size_t width;
};

/* Every text in it is valid UTF-8.
 *   input   the text; empty if the input is a list
 *   list    the raw JSON array of strings; empty if the input is a text
 *   memory  what the texts point into */
struct request {
    hexmcp_str operation;
    hexmcp_str input;
    hexmcp_str list;
    struct options options;
    char *memory;
    size_t used;
    size_t size;
};

/* Reads `args_json`, which must outlive *request. On success request_clear() is due.
 * Errors: HEXMCP_E_INVALID, HEXMCP_E_TOO_LARGE, HEXMCP_E_NOMEM. */
int32_t request_read(hexmcp_str args_json, struct request *request, hexmcp_error *err);

/* Decodes the JSON string `value`, which is part of the arguments and was not decoded before.
 * `name` is for the message. The text lives as long as the request. Errors: HEXMCP_E_INVALID. */
int32_t request_decode(struct request *request, const char *name, hexmcp_str value,
                       hexmcp_str *text, hexmcp_error *err);

void request_clear(struct request *request);
