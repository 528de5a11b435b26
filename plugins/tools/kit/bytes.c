/*
 * SPDX-License-Identifier: MIT
 */
#include "kit/bytes.h"

#include <stdlib.h>
#include <string.h>

bool bytes_add(struct bytes *b, const void *data, size_t len)
{
    if (len >= b->room - b->len || b->room == 0) {
        size_t room = (b->room > len ? 2 * b->room : b->room + len) + 64;
        char *ptr = realloc(b->ptr, room);
        if (!ptr)
            return false;
        b->ptr = ptr;
        b->room = room;
    }
    if (len > 0)
        memcpy(b->ptr + b->len, data, len);
    b->len += len;
    b->ptr[b->len] = '\0';
    return true;
}

void bytes_free(struct bytes *b)
{
    free(b->ptr);
    *b = (struct bytes){0};
}
