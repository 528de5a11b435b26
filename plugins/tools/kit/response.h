/*
 * response.h - what a server answered, as members of a result.
 *
 * SPDX-License-Identifier: MIT
 */
#pragma once

#include "kit/answer.h"
#include "kit/fetch.h"

enum response_format { RESPONSE_AUTO, RESPONSE_TEXT, RESPONSE_JSON, RESPONSE_BASE64 };

struct response_body {
    enum response_format format;
    const char *target_path; /* NULL: none */
    bool overwrite;
};

/* "Not Found" for 404; "" for what has no name. */
const char *response_reason(int status);

/* {"name": "value"}, with an array where a name comes several times. */
void response_put_headers(hexmcp_json_writer *w, const char *key, const struct fetch_answer *answer);

/* True if the text is JSON as the host reads it. */
bool response_is_json(const hexmcp_round *r, hexmcp_str text);

/* [worker] Puts body_bytes and body_format, and then body, or where it is: target_path, or an artifact
 * with the beginning of the text (needs the operation artifact.put). What cannot be kept is cut, and says
 * so. */
int32_t response_put_body(struct answer *a, const struct fetch_answer *answer,
                          const struct response_body *how);
