/*
 * wire.h - a request to a back end, as it is built up.
 *
 * SPDX-License-Identifier: MIT
 */
#pragma once

#include <stdbool.h>

#include "hexmcp/json.h"
#include "kit/bytes.h"

struct wire {
    struct bytes url;
    struct bytes auth;          /* the value of a header that was put together */
    const char *headers[4][2];
    size_t header_count;
    hexmcp_json_writer body;    /* of a POST */
    bool post;
    bool has_query, short_of_memory;
};

void wire_begin(struct wire *w, const char *base, const char *path);
void wire_end(struct wire *w);

/* Adds name=value to the query, percent-encoded. */
void wire_query(struct wire *w, const char *name, const char *value);
void wire_query_int(struct wire *w, const char *name, size_t value);

/* The same for the handle of a secret, which stands there as it is. */
void wire_query_key(struct wire *w, const char *name, const char *handle);

/* Texts are borrowed until the request is made. */
void wire_header(struct wire *w, const char *name, const char *value);

/* "Authorization: Bearer HANDLE" */
void wire_bearer(struct wire *w, const char *handle);

/* Begins the JSON object of a POST; the request is one from then on. wire_json_end() ends it. */
hexmcp_json_writer *wire_json(struct wire *w);
void wire_json_end(struct wire *w);
