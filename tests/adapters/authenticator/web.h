/* A web server on loopback, in a thread, that answers GET with what it was told. */
#pragma once

#include "core/base/buffer.h"

struct web;

struct web *web_start(void);
void web_stop(struct web *web);

unsigned web_port(const struct web *web);

/* What `path` is answered with from now on: a status line such as "200 OK", further header lines that
 * each end in "\r\n", and a body. Copied. */
void web_put(struct web *web, const char *path, const char *status, const char *headers,
             const char *body);

/* How often the path was asked for. */
unsigned web_asked(struct web *web, const char *path);
