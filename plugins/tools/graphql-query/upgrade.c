/*
 * SPDX-License-Identifier: MIT
 */
#include "upgrade.h"

#include "kit/encode.h"
#include "kit/response.h"

#include <nettle/sha1.h>
#include <stdio.h>
#include <strings.h>
#include <sys/random.h>

#define WAIT_MS 50
#define KEY_BYTES 16

static const char new_protocol[] = "graphql-transport-ws", old_protocol[] = "graphql-ws";

static int32_t no_memory(const struct upgrade *u)
{
    return hexmcp_fail(u->pace->r->err, HEXMCP_E_NOMEM, "out of memory for the connection; try again");
}

/* ---- what is asked ---- */

/* Of the connection, and so not the caller's. */
static bool is_reserved(const char *name)
{
    static const char *const names[] = {"Host", "Connection", "Upgrade", "Content-Length",
                                        "Transfer-Encoding", "TE", "Trailer", "Expect", "Keep-Alive"};
    for (size_t i = 0; i < sizeof(names) / sizeof(names[0]); i++)
        if (strcasecmp(names[i], name) == 0)
            return true;
    return strncasecmp(name, "Sec-WebSocket-", 14) == 0 || strncasecmp(name, "Proxy-", 6) == 0;
}

/* What authentication makes of a user and a secret: {"base64": text with handles}. */
static int32_t add_base64(const struct upgrade *u, hexmcp_str made, struct bytes *out)
{
    struct bytes plain = {0};
    hexmcp_str inner;
    char *text = NULL;
    size_t len;
    if (hexmcp_json_get(made, "base64", &inner) != HEXMCP_OK ||
        hexmcp_json_string_dup(inner, &text, &len) != HEXMCP_OK)
        return no_memory(u);
    int32_t status = credentials_fill(u->credentials, (hexmcp_str){text, len}, CREDENTIAL_PLAIN, &plain);
    if (status == HEXMCP_OK && !encode_base64(out, plain.ptr, plain.len))
        status = no_memory(u);
    if (plain.ptr)
        explicit_bzero(plain.ptr, plain.len);
    bytes_free(&plain);
    free(text);
    return status;
}

static int32_t add_header(const struct upgrade *u, hexmcp_str triple, struct bytes *out)
{
    hexmcp_json_iter it = hexmcp_json_iter_begin(triple);
    hexmcp_str part;
    char name[101] = "", *value = NULL;
    size_t len;
    if (hexmcp_json_next(&it, NULL, &part))
        hexmcp_json_string(part, name, sizeof(name), NULL);
    if (is_reserved(name))
        return hexmcp_fail(u->pace->r->err, HEXMCP_E_INVALID,
                           "headers.%s belongs to the connection; leave it out", name);
    if (!hexmcp_json_next(&it, NULL, &part) || hexmcp_json_string_dup(part, &value, &len) != HEXMCP_OK ||
        !bytes_add(out, name, strlen(name)) || !bytes_add(out, ": ", 2)) {
        free(value);
        return no_memory(u);
    }
    int32_t status = credentials_fill(u->credentials, (hexmcp_str){value, len}, CREDENTIAL_HEADER, out);
    free(value);
    if (status == HEXMCP_OK && hexmcp_json_next(&it, NULL, &part))
        status = add_base64(u, part, out);
    if (status == HEXMCP_OK && !bytes_add(out, "\r\n", 2))
        status = no_memory(u);
    return status;
}

static int32_t write_request(const struct upgrade *u, const char *key, struct bytes *out)
{
    const struct place *place = u->place;
    hexmcp_json_iter it = hexmcp_json_iter_begin(u->headers);
    char port[12], head[500];
    hexmcp_str triple;
    bool usual = place->port == (place->tls ? 443u : 80u);
    if (!bytes_add(out, "GET ", 4))
        return no_memory(u);
    int32_t status = credentials_fill(u->credentials, bytes_str(&place->target), CREDENTIAL_PERCENT, out);
    if (status != HEXMCP_OK)
        return status;
    snprintf(port, sizeof(port), ":%u", place->port);
    int len = snprintf(head, sizeof(head),
                       " HTTP/1.1\r\nHost: %s%s\r\nUpgrade: websocket\r\nConnection: Upgrade\r\n"
                       "Sec-WebSocket-Version: 13\r\nSec-WebSocket-Key: %s\r\n"
                       "Sec-WebSocket-Protocol: %s, %s\r\n",
                       place->host, usual ? "" : port, key, new_protocol, old_protocol);
    if (!bytes_add(out, head, (size_t)len))
        return no_memory(u);
    while (status == HEXMCP_OK && hexmcp_json_next(&it, NULL, &triple))
        status = add_header(u, triple, out);
    if (status == HEXMCP_OK && !bytes_add(out, "\r\n", 2))
        status = no_memory(u);
    return status;
}

/* ---- there and back ---- */

static int32_t late(const struct upgrade *u)
{
    return hexmcp_fail(u->pace->r->err, HEXMCP_E_TIMEOUT,
                       "%s:%u: no answer to the handshake of WebSocket within %u ms", u->place->host,
                       u->place->port, u->timeout_ms);
}

static int32_t step(const struct upgrade *u, bool writing)
{
    channel_wait(u->channel, writing, WAIT_MS);
    if (pace_ms(u->pace) > u->timeout_ms)
        return late(u);
    return pace_step(u->pace, pace_ms(u->pace), 0, "waiting for the handshake");
}

static int32_t lost(const struct upgrade *u)
{
    return hexmcp_fail(u->pace->r->err, HEXMCP_E_UNAVAILABLE,
                       "%s:%u: it closed the connection without an answer to the handshake of WebSocket",
                       u->place->host, u->place->port);
}

static int32_t send_all(const struct upgrade *u, const struct bytes *request)
{
    for (size_t at = 0; at < request->len;) {
        ssize_t sent = channel_write(u->channel, request->ptr + at, request->len - at);
        int32_t status = sent < 0 ? lost(u) : sent == 0 ? step(u, true) : HEXMCP_OK;
        if (status != HEXMCP_OK)
            return status;
        at += (size_t)sent;
    }
    return HEXMCP_OK;
}

/* Reads until the head is whole, with what comes behind it. */
static int32_t read_head(const struct upgrade *u, struct bytes *in, size_t *head)
{
    char piece[4096];
    const char *end = NULL;
    while (!end) {
        ssize_t got = channel_read(u->channel, piece, sizeof(piece));
        int32_t status = got < 0 ? lost(u) : got == 0 ? step(u, false) : HEXMCP_OK;
        if (status != HEXMCP_OK)
            return status;
        if (got > 0 && !bytes_add(in, piece, (size_t)got))
            return no_memory(u);
        end = in->len ? memmem(in->ptr, in->len, "\r\n\r\n", 4) : NULL;
        if (!end && in->len > UPGRADE_HEAD_MOST)
            return hexmcp_fail(u->pace->r->err, HEXMCP_E_TOO_LARGE,
                               "%s:%u: the head of its answer is longer than %zu bytes", u->place->host,
                               u->place->port, UPGRADE_HEAD_MOST);
    }
    *head = (size_t)(end - in->ptr) + 2;
    return HEXMCP_OK;
}

/* ---- what is answered ---- */

/* The value of the one header of this name; empty if there is none, or several. */
static hexmcp_str header(hexmcp_str head, const char *name)
{
    hexmcp_str found = {NULL, 0};
    size_t name_len = strlen(name), count = 0;
    const char *at = memmem(head.ptr, head.len, "\r\n", 2), *end = head.ptr + head.len;
    while (at && (at += 2) < end) {
        const char *stop = memmem(at, (size_t)(end - at), "\r\n", 2);
        size_t len = (size_t)((stop ? stop : end) - at);
        if (len > name_len && at[name_len] == ':' && strncasecmp(at, name, name_len) == 0) {
            hexmcp_str value = {at + name_len + 1, len - name_len - 1};
            while (value.len && (*value.ptr == ' ' || *value.ptr == '\t')) {
                value.ptr++;
                value.len--;
            }
            while (value.len && (value.ptr[value.len - 1] == ' ' || value.ptr[value.len - 1] == '\t'))
                value.len--;
            found = value;
            count++;
        }
        at = stop;
    }
    return count == 1 ? found : (hexmcp_str){NULL, 0};
}

static bool says(hexmcp_str value, const char *text)
{
    return value.len == strlen(text) && strncasecmp(value.ptr, text, value.len) == 0;
}

/* One of a list with commas. */
static bool has_word(hexmcp_str list, const char *word)
{
    size_t len = strlen(word);
    for (size_t at = 0; at < list.len;) {
        while (at < list.len && (list.ptr[at] == ' ' || list.ptr[at] == ','))
            at++;
        size_t end = at;
        while (end < list.len && list.ptr[end] != ',' && list.ptr[end] != ' ')
            end++;
        if (end - at == len && strncasecmp(list.ptr + at, word, len) == 0)
            return true;
        at = end;
    }
    return false;
}

static bool accepts(hexmcp_str value, const char *key)
{
    static const char rest[] = "258EAFA5-E914-47DA-95CA-C5AB0DC85B11";
    struct sha1_ctx sha1;
    uint8_t digest[SHA1_DIGEST_SIZE];
    struct bytes text = {0};
    sha1_init(&sha1);
    sha1_update(&sha1, strlen(key), (const uint8_t *)key);
    sha1_update(&sha1, sizeof(rest) - 1, (const uint8_t *)rest);
    sha1_digest(&sha1, sizeof(digest), digest);
    bool good = encode_base64(&text, digest, sizeof(digest)) && value.len == text.len &&
                memcmp(value.ptr, text.ptr, text.len) == 0;
    bytes_free(&text);
    return good;
}

static int32_t refused(const struct upgrade *u, int status)
{
    bool denied = status == 401 || status == 403;
    return hexmcp_fail(u->pace->r->err, denied ? HEXMCP_E_DENIED : HEXMCP_E_PROTOCOL,
                       "the endpoint answered %d %s to the handshake of WebSocket; %s", status,
                       response_reason(status),
                       denied ? "check auth"
                              : "check the endpoint, or ask with http(s):// and transport sse");
}

static int32_t no_websocket(const struct upgrade *u, const char *what)
{
    return hexmcp_fail(u->pace->r->err, HEXMCP_E_PROTOCOL,
                       "%s:%u speaks no WebSocket: %s; check the endpoint", u->place->host, u->place->port,
                       what);
}

static int32_t check_head(const struct upgrade *u, hexmcp_str head, const char *key, bool *legacy)
{
    char line[13] = "";
    int status = 0;
    memcpy(line, head.ptr, head.len < 12 ? head.len : 12);
    if (sscanf(line, "HTTP/1.1 %3d", &status) != 1)
        return no_websocket(u, "its answer is no HTTP/1.1");
    if (status != 101)
        return refused(u, status);
    hexmcp_str protocol = header(head, "Sec-WebSocket-Protocol");
    if (!says(header(head, "Upgrade"), "websocket") || !has_word(header(head, "Connection"), "upgrade"))
        return no_websocket(u, "it switches to another protocol");
    if (!accepts(header(head, "Sec-WebSocket-Accept"), key))
        return no_websocket(u, "its answer does not belong to the request");
    if (header(head, "Sec-WebSocket-Extensions").len)
        return no_websocket(u, "it uses an extension that was not offered");
    *legacy = says(protocol, old_protocol);
    if (!*legacy && !says(protocol, new_protocol))
        return hexmcp_fail(u->pace->r->err, HEXMCP_E_PROTOCOL,
                           "%s:%u speaks neither graphql-transport-ws nor graphql-ws over WebSocket; check the "
                           "endpoint", u->place->host, u->place->port);
    return HEXMCP_OK;
}

static int32_t talk(const struct upgrade *u, const char *key, struct bytes *request, struct bytes *in,
                    struct upgraded *out)
{
    size_t head = 0;
    int32_t status = write_request(u, key, request);
    if (status == HEXMCP_OK)
        status = send_all(u, request);
    if (status == HEXMCP_OK)
        status = read_head(u, in, &head);
    if (status == HEXMCP_OK)
        status = check_head(u, (hexmcp_str){in->ptr, head}, key, &out->legacy);
    if (status == HEXMCP_OK && !bytes_add(&out->rest, in->ptr + head + 2, in->len - head - 2))
        status = no_memory(u);
    return status;
}

int32_t upgrade(const struct upgrade *u, struct upgraded *out)
{
    struct bytes request = {0}, in = {0}, key = {0};
    unsigned char random[KEY_BYTES];
    *out = (struct upgraded){.legacy = false};
    if (getrandom(random, sizeof(random), 0) != (ssize_t)sizeof(random) ||
        !encode_base64(&key, random, sizeof(random)))
        return no_memory(u);
    int32_t status = talk(u, key.ptr, &request, &in, out);
    if (request.ptr)
        explicit_bzero(request.ptr, request.len);
    bytes_free(&request);
    bytes_free(&in);
    bytes_free(&key);
    return status;
}
