/* What the headers of a request over HTTP say to the protocol. */
#pragma once

#include "core/base/buffer.h"
#include "core/base/error.h"
#include "ports/driving/http_service.h"

struct http_head {
    const struct http_header *headers; /* all of them, as they came */
    size_t count;
    char *kept;       /* where they are copied; NULL: they are borrowed */
    bool takes_json;  /* by Accept */
    bool takes_events;
    bool says_accept; /* there was one */
};

/* A mirrored header: what there is of it. */
enum head_found {
    HEAD_ABSENT,
    HEAD_THERE,
    HEAD_TWICE, /* who reads the first and who reads the last would not agree */
};

/* Borrows the request's headers. */
struct http_head head_read(const struct http_request *request);

/* Copies what it borrows. ST_NOMEM. */
int head_keep(struct http_head *head);
void head_clear(struct http_head *head);

/* `name` in any case. *value: without space around it. */
enum head_found head_find(const struct http_head *head, struct str name, struct str *value);

/* True if the Content-Type is JSON. */
bool head_is_json(const struct http_head *head);

/* The text that a value of Mcp-Name or Mcp-Param-... stands for: =?base64?...?= is decoded into
 * `scratch`. ST_INVALID: octets that such a header must not hold, or no base64; a text without the
 * value. */
int head_decode(struct str value, struct buffer *scratch, struct str *out, struct error *err);
