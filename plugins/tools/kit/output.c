/*
 * SPDX-License-Identifier: MIT
 */
#include "kit/output.h"

#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

void output_clear(struct output *out)
{
    free(out->ptr);
    *out = (struct output){.limit = out->limit};
}

static int reserve(struct output *out, size_t need)
{
    size_t room = out->room ? out->room : 256;
    while (room < need)
        room *= 2;
    if (room == out->room)
        return 1;
    char *grown = realloc(out->ptr, room);
    if (!grown) {
        out->status = HEXMCP_E_NOMEM;
        return 0;
    }
    out->ptr = grown;
    out->room = room;
    return 1;
}

char *output_extend(struct output *out, size_t len)
{
    if (out->status != HEXMCP_OK)
        return NULL;
    if (len > out->limit - out->len) {
        out->status = HEXMCP_E_TOO_LARGE;
        return NULL;
    }
    if (!reserve(out, out->len + len))
        return NULL;
    char *start = out->ptr + out->len;
    out->len += len;
    return start;
}

void output_put(struct output *out, hexmcp_str text)
{
    if (text.len == 0)
        return;
    char *to = output_extend(out, text.len);
    if (to)
        memcpy(to, text.ptr, text.len);
}

void output_putf(struct output *out, const char *format, ...)
{
    char text[64];
    va_list list;
    va_start(list, format);
    int len = vsnprintf(text, sizeof(text), format, list);
    va_end(list);
    if (len > 0)
        output_put(out, (hexmcp_str){text, (size_t)len < sizeof(text) ? (size_t)len : sizeof(text) - 1});
}
