/*
 * store.h - what is kept of pages between calls, by hexmcp.kv/1.
 *
 * SPDX-License-Identifier: MIT
 */
#pragma once

#include <stdbool.h>

#include "hexmcp/simple.h"
#include "kit/bytes.h"

/* The last content of a page. store_free() is due. */
struct kept {
    bool there;
    char *url, *etag, *modified; /* of HTTP; "" if there are none */
    char *rules;                 /* how the content was made */
    char *content;
    int64_t checked;             /* seconds since 1970 */
};

/* [worker] A name under which nothing is kept is no error: `there` is false. */
int32_t store_get(const hexmcp_round *r, const char *name, struct kept *kept);
int32_t store_put(const hexmcp_round *r, const char *name, const struct kept *kept);

/* [worker] *was_there: whether there was something. */
int32_t store_remove(const hexmcp_round *r, const char *name, bool *was_there);

/* [worker] JSON of hexmcp_kv_1.list: names that come after `after`. */
int32_t store_list(const hexmcp_round *r, const char *after, uint32_t limit, struct bytes *json);

void store_free(struct kept *kept);
