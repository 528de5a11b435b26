/* What a client is told when its request is not served. */
#pragma once

#include "core/base/buffer.h"

#define BODY_TOO_LARGE "The body is too large: at most %zu bytes are taken (http.max_body_bytes)."
#define RECEIVING_TOO_MUCH "The server is receiving too much at once; ask again soon."

struct refusal {
    int status; /* 0: nothing is refused */
    unsigned retry_s; /* Retry-After; 0: none */
    char challenge[1024]; /* WWW-Authenticate; empty: none */
    char message[300];
};

/* Fills status and message; the text may hold bytes of the client. Always false, so that a check can
 * end with it. */
bool refuse(struct refusal *r, int status, const char *format, ...)
    __attribute__((format(printf, 3, 4)));

/* The JSON body: an error of JSON-RPC that answers no request. */
void refusal_body(int status, const char *message, struct buffer *out);
