/*
 * SPDX-License-Identifier: MIT
 */
#include "bytes.h"

#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

void bytes_free(struct bytes *bytes)
{
    free(bytes->data);
    bytes->data = NULL;
    bytes->len = 0;
    bytes->room = 0;
}

static int reserve(struct bytes *bytes, size_t more)
{
    if (more > bytes->limit - bytes->len) {
        bytes->status = HEXMCP_E_TOO_LARGE;
        return 0;
    }
    if (more <= bytes->room - bytes->len)
        return 1;
    size_t room = bytes->room ? bytes->room : 256;
    while (room - bytes->len < more)
        room *= 2;
    char *data = realloc(bytes->data, room);
    if (!data) {
        bytes->status = HEXMCP_E_NOMEM;
        return 0;
    }
    bytes->data = data;
    bytes->room = room;
    return 1;
}

void bytes_add(struct bytes *bytes, hexmcp_str part)
{
    if (bytes->status != HEXMCP_OK || part.len == 0 || !reserve(bytes, part.len))
        return;
    memcpy(bytes->data + bytes->len, part.ptr, part.len);
    bytes->len += part.len;
}

void bytes_addf(struct bytes *bytes, const char *format, ...)
{
    char text[64];
    va_list args;
    va_start(args, format);
    int len = vsnprintf(text, sizeof(text), format, args);
    va_end(args);
    if (len > 0)
        bytes_add(bytes, (hexmcp_str){text, (size_t)len < sizeof(text) ? (size_t)len
                                                                        : sizeof(text) - 1});
}

hexmcp_str bytes_text(const struct bytes *bytes)
{
    return (hexmcp_str){bytes->data ? bytes->data : "", bytes->len};
}
