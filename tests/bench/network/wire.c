#include "tests/bench/network/wire.h"

#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <strings.h>

static void give_up(const char *what, const char *on)
{
    fprintf(stderr, "load: %s %s\n", what, on);
    exit(2);
}

struct bytes bytes_read(const char *path)
{
    FILE *file = fopen(path, "rb");
    struct bytes read = {malloc(1 << 20), 0};
    if (!file || !read.at)
        give_up("cannot read", path);
    read.len = fread(read.at, 1, 1 << 20, file);
    fclose(file);
    return read;
}

struct bytes wire_opening(enum wire wire, const char *host, const char *path)
{
    struct bytes text = {malloc(512), 0};
    if (wire == WIRE_WS && text.at)
        text.len = (size_t)snprintf(text.at, 512,
                                    "GET %s HTTP/1.1\r\nHost: %s\r\nUpgrade: websocket\r\n"
                                    "Connection: Upgrade\r\nSec-WebSocket-Version: 13\r\n"
                                    "Sec-WebSocket-Key: dGhlIHNhbXBsZSBub25jZQ==\r\n"
                                    "Sec-WebSocket-Protocol: mcp\r\n\r\n", path, host);
    return text;
}

/* The mask is zero: it costs the server the same. */
static struct bytes frame(struct bytes content)
{
    struct bytes text = {malloc(content.len + 14), 0};
    unsigned char *at = (unsigned char *)text.at;
    *at++ = 0x81;
    if (content.len < 126) {
        *at++ = (unsigned char)(0x80 | content.len);
    } else {
        *at++ = 0x80 | 126;
        *at++ = (unsigned char)(content.len >> 8);
        *at++ = (unsigned char)content.len;
    }
    memset(at, 0, 4);
    memcpy(at + 4, content.at, content.len);
    text.len = (size_t)((char *)at + 4 - text.at) + content.len;
    return text;
}

struct bytes wire_request(enum wire wire, struct bytes content)
{
    return wire == WIRE_WS ? frame(content) : content;
}

static size_t http_answer(const char *text, size_t len, bool *ok)
{
    const char *end = memmem(text, len, "\r\n\r\n", 4);
    if (!end)
        return 0;
    size_t head = (size_t)(end - text) + 4, body = 0;
    *ok = len > 12 && memcmp(text + 9, "200", 3) == 0;
    for (const char *line = text; line < end; line = (char *)memchr(line, '\n', len) + 1) {
        if (strncasecmp(line, "Content-Length:", 15) == 0)
            body = strtoul(line + 15, NULL, 10);
        if (strncasecmp(line, "Transfer-Encoding:", 18) == 0)
            give_up("the answer has no", "Content-Length");
    }
    return len >= head + body ? head + body : 0;
}

static size_t ws_answer(const char *text, size_t len, bool *ok)
{
    const unsigned char *at = (const unsigned char *)text;
    if (len < 4)
        return 0;
    size_t body = at[1] & 0x7F, head = 2;
    if (body == 126) {
        body = (size_t)at[2] << 8 | at[3];
        head = 4;
    } else if (body == 127) {
        if (len < 10)
            return 0;
        body = (size_t)at[6] << 24 | (size_t)at[7] << 16 | (size_t)at[8] << 8 | at[9];
        head = 10;
    }
    *ok = (at[0] & 0x0F) <= 1;
    return len >= head + body ? head + body : 0;
}

size_t wire_answer(enum wire wire, const char *text, size_t len, bool opening, bool *ok)
{
    if (wire == WIRE_HTTP)
        return http_answer(text, len, ok);
    if (!opening)
        return ws_answer(text, len, ok);
    const char *end = memmem(text, len, "\r\n\r\n", 4);
    *ok = len > 12 && memcmp(text + 9, "101", 3) == 0;
    return end ? (size_t)(end - text) + 4 : 0;
}
