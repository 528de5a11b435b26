/*
 * url.c - redis://[user]:password@host:port/database?socket=path
 *
 * SPDX-License-Identifier: MIT
 */
#include "redis.h"

#include <stdlib.h>
#include <string.h>

#define PORT_DEFAULT 6379

static int hex(char c)
{
    if (c >= '0' && c <= '9')
        return c - '0';
    c = (char)(c | 0x20);
    return c >= 'a' && c <= 'f' ? c - 'a' + 10 : -1;
}

/* A part of the URL with its %-signs decoded, or NULL: no memory, or a bad one. */
static char *decode(const char *from, size_t len)
{
    char *text = malloc(len + 1), *to = text;
    for (size_t i = 0; text && i < len; i++) {
        if (from[i] != '%') {
            *to++ = from[i];
            continue;
        }
        if (len - i < 3 || hex(from[i + 1]) < 0 || hex(from[i + 2]) < 0) {
            free(text);
            return NULL;
        }
        *to++ = (char)(hex(from[i + 1]) << 4 | hex(from[i + 2]));
        i += 2;
    }
    if (text)
        *to = '\0';
    return text;
}

/* A number of at most `max`; -1 if it is none. */
static int number(const char *text, size_t len, int max)
{
    int n = 0;
    if (len == 0 || len > 6)
        return -1;
    for (size_t i = 0; i < len; i++) {
        if (text[i] < '0' || text[i] > '9')
            return -1;
        n = n * 10 + (text[i] - '0');
    }
    return n <= max ? n : -1;
}

/* [user]:password or user */
static int read_user(struct settings *settings, const char *text, size_t len)
{
    const char *colon = memchr(text, ':', len);
    size_t user = colon ? (size_t)(colon - text) : len;
    if (user > 0)
        settings->user = decode(text, user);
    if (colon)
        settings->password = decode(colon + 1, len - user - 1);
    return (user == 0 || settings->user) && (!colon || settings->password);
}

/* host[:port]; a host of IPv6 stands in brackets. */
static int read_host(struct settings *settings, const char *text, size_t len)
{
    const char *end = len > 0 && text[0] == '[' ? memchr(text, ']', len) : NULL;
    const char *colon = end ? end + 1 : memchr(text, ':', len);
    size_t host = colon ? (size_t)(colon - text) : len;
    size_t skip = end ? 1 : 0;
    settings->port = PORT_DEFAULT;
    if (len > 0 && text[0] == '[' && !end)
        return 0;
    if (host < len && *colon == ':')
        settings->port = number(colon + 1, len - host - 1, 65535);
    else if (host < len)
        return 0;
    settings->host = host > 0 ? decode(text + skip, host - 2 * skip) : strdup("127.0.0.1");
    return settings->host && settings->port > 0;
}

static int read_url(struct settings *settings, const char *rest)
{
    const char *query = strchr(rest, '?');
    const char *path = rest + strcspn(rest, "/?");
    const char *at = NULL;
    for (const char *p = rest; p < path; p++)
        if (*p == '@')
            at = p;
    size_t database = query ? (size_t)(query - path) : strlen(path);
    if (at && !read_user(settings, rest, (size_t)(at - rest)))
        return 0;
    if (!read_host(settings, at ? at + 1 : rest, (size_t)(path - (at ? at + 1 : rest))))
        return 0;
    if (database > 1)
        settings->database = number(path + 1, database - 1, 100000);
    if (query && strncmp(query, "?socket=", 8) == 0)
        settings->socket = decode(query + 8, strlen(query + 8));
    return settings->database >= 0 && (!query || settings->socket);
}

int32_t settings_url(struct settings *settings, const char *url, hexmcp_error *err)
{
    const char *password = getenv("REDISCLI_AUTH");
    if (strncmp(url, "rediss:", 7) == 0)
        return hexmcp_fail(err, HEXMCP_E_CONFIG,
                           "the Redis store speaks no TLS, so rediss:// cannot be served; write "
                           "redis:// to a server on this machine, or through a tunnel");
    if (strncmp(url, "redis://", 8) != 0 || !read_url(settings, url + 8))
        return hexmcp_fail(err, HEXMCP_E_CONFIG,
                           "storage.url is no URL of Redis; write redis://:password@host:6379/0, or "
                           "redis:///0?socket=/path, with %%-signs for odd characters");
    if (!settings->password && password && password[0])
        settings->password = strdup(password);
    return HEXMCP_OK;
}

void settings_clear(struct settings *settings)
{
    free(settings->host);
    free(settings->socket);
    free(settings->user);
    free(settings->password);
    free(settings->prefix);
}
