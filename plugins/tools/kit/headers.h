/*
 * headers.h - the headers of a request: of arguments, and of what the tool adds.
 *
 * SPDX-License-Identifier: MIT
 *
 * Credentials come as secrets alone: a value is a text or {"secret": NAME}, and a text for Authorization
 * and its like must hold a handle, {{secret:NAME}}.
 */
#pragma once

#include "hexmcp/simple.h"
#include "kit/args.h"
#include "kit/bytes.h"

struct headers {
    hexmcp_json_writer sent;  /* the array for the host */
    hexmcp_json_writer shown; /* an object of the same, for people */
    struct bytes names;       /* in small letters, each with a NUL behind it */
};

void headers_begin(struct headers *h);
void headers_end(struct headers *h);

/* Of this name, whatever its case. */
bool headers_have(const struct headers *h, const char *name);

/* A second one of the same name is left out. `value` may hold handles of secrets. */
void headers_put(struct headers *h, const char *name, const char *value);

/* `prefix` and then the base64 of `text`, which may hold handles. */
void headers_put_base64(struct headers *h, const char *name, const char *prefix, const char *text);

/* `prefix` and then HMAC-SHA-256, by the secret of the handle `key`, of `text` and the body. */
void headers_put_hmac(struct headers *h, const char *name, const char *prefix, const char *key,
                      const char *text, bool hex);

/* The object `key` of the arguments. */
void headers_read(const hexmcp_round *r, struct args *args, const char *key, struct headers *h);

/* The object `key` of the arguments, {"type": none, basic, bearer, api_key or custom, ...}: a header, or a
 * parameter that is added to `url`. */
void headers_read_auth(const hexmcp_round *r, struct args *args, const char *key, struct headers *h,
                       struct bytes *url);

/* A URL as people give it: http or https, no user in it, no credential in its query. Ended by NUL. */
const char *url_argument(struct args *args, const char *key);

/* The same, with ws and wss beside http and https. */
const char *url_or_socket_argument(struct args *args, const char *key);

/* The array for fetch_request.headers_json, once all is put. */
hexmcp_str headers_sent(struct headers *h);
/* The object, once all is put. */
hexmcp_str headers_shown(struct headers *h);
