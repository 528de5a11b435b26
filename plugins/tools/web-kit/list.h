/*
 * list.h - room for one more element in an array.
 *
 * SPDX-License-Identifier: MIT
 */
#pragma once

#include <stdlib.h>

/* false if memory is short; the array stays as it is. */
#define LIST_ROOM(array, count, room)                                                             \
    ((count) < (room) || list_grow((void **)&(array), &(room), sizeof(*(array))))

static inline int list_grow(void **array, size_t *room, size_t size)
{
    size_t more = *room ? *room * 2 : 16;
    void *grown = realloc(*array, more * size);
    if (!grown)
        return 0;
    *array = grown;
    *room = more;
    return 1;
}
