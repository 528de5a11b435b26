/*
 * SPDX-License-Identifier: MIT
 */
#include "output.h"

#include <stdlib.h>
#include <string.h>
#include <utf8proc.h>

void output_clear(struct output *out)
{
    free(out->ptr);
    *out = (struct output){.limit = out->limit};
}

static int reserve(struct output *out, size_t need)
{
    size_t cap = out->cap ? out->cap : 256;
    while (cap < need)
        cap *= 2;
    if (cap == out->cap)
        return 1;
    char *grown = realloc(out->ptr, cap);
    if (!grown) {
        out->status = HEXMCP_E_NOMEM;
        return 0;
    }
    out->ptr = grown;
    out->cap = cap;
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

void output_code_point(struct output *out, int32_t code_point)
{
    utf8proc_uint8_t bytes[4];
    utf8proc_ssize_t len = utf8proc_encode_char(code_point, bytes);
    output_put(out, (hexmcp_str){(const char *)bytes, (size_t)len});
}

void output_repeat(struct output *out, char byte, size_t count)
{
    char *to = output_extend(out, count);
    if (to)
        memset(to, byte, count);
}
