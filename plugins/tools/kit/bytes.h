/*
 * bytes.h - bytes that grow.
 *
 * SPDX-License-Identifier: MIT
 */
#pragma once

#include <stdbool.h>
#include <stddef.h>

#include "hexmcp/abi.h"

/* {0} is empty. `ptr` ends with a NUL that `len` does not count, once something was added. */
struct bytes {
    char *ptr;
    size_t len;
    size_t room;
};

/* false, and nothing added, if memory is short. */
bool bytes_add(struct bytes *b, const void *data, size_t len);
void bytes_free(struct bytes *b);

static inline hexmcp_str bytes_str(const struct bytes *b)
{
    return (hexmcp_str){b->ptr, b->len};
}
