/*
 * pointer.h - a JSON Pointer (RFC 6901) that grows and shrinks with a walk.
 *
 * SPDX-License-Identifier: MIT
 */
#pragma once

#include "hexmcp/abi.h"

struct pointer {
    char *text; /* NUL-terminated, but may hold NUL, too */
    size_t len;
    size_t cap;
    int failed; /* memory was short */
};

/* Begins as the whole value. */
int32_t pointer_init(struct pointer *pointer);
void pointer_clear(struct pointer *pointer);

/* One step down: to the member whose raw key (a JSON string) is `key`, or to an element. Returns the
 * length before, for pointer_pop(). */
size_t pointer_push_key(struct pointer *pointer, hexmcp_str key);
size_t pointer_push_index(struct pointer *pointer, size_t index);

/* The same for a name of our own. */
size_t pointer_push_name(struct pointer *pointer, const char *name);

void pointer_pop(struct pointer *pointer, size_t len);
