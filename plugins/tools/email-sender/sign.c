/*
 * SPDX-License-Identifier: MIT
 */
#include "sign.h"

#include <sodium.h>
#include <stdio.h>
#include <string.h>

#define HASH 32

static void hash_hex(const void *data, size_t len, char out[HASH * 2 + 1])
{
    unsigned char hash[HASH];
    crypto_hash_sha256(hash, data, len);
    sodium_bin2hex(out, HASH * 2 + 1, hash, HASH);
}

static void hmac(const void *key, size_t len, const char *text, unsigned char out[HASH])
{
    crypto_auth_hmacsha256_state state;
    crypto_auth_hmacsha256_init(&state, key, len);
    crypto_auth_hmacsha256_update(&state, (const unsigned char *)text, strlen(text));
    crypto_auth_hmacsha256_final(&state, out);
}

/* "https://host:port/path" into host and path. */
static bool split(const char *url, char *host, size_t room, const char **path)
{
    const char *at = strstr(url, "://");
    const char *slash = at ? strchr(at + 3, '/') : NULL;
    if (!slash || (size_t)(slash - at - 3) >= room || strchr(slash, '?'))
        return false;
    snprintf(host, room, "%.*s", (int)(slash - at - 3), at + 3);
    *path = slash;
    return true;
}

static void sign_text(const struct sign *s, const char *text, char out[HASH * 2 + 1])
{
    char day[9], first[300];
    unsigned char key[HASH];
    struct tm t;
    gmtime_r(&s->time, &t);
    strftime(day, sizeof(day), "%Y%m%d", &t);
    snprintf(first, sizeof(first), "AWS4%s", s->secret);
    hmac(first, strlen(first), day, key);
    hmac(key, HASH, s->region, key);
    hmac(key, HASH, s->service, key);
    hmac(key, HASH, "aws4_request", key);
    hmac(key, HASH, text, key);
    sodium_bin2hex(out, HASH * 2 + 1, key, HASH);
    sodium_memzero(first, sizeof(first));
}

bool sign_v4(const struct sign *s, char date[SIGN_DATE_ROOM], char authorization[SIGN_ROOM])
{
    static const char names[] = "content-type;host;x-amz-date";
    char host[260], body[HASH * 2 + 1], hashed[HASH * 2 + 1], signature[HASH * 2 + 1];
    char canonical[1200], scope[120], text[400];
    const char *path;
    struct tm t;
    if (!split(s->url, host, sizeof(host), &path))
        return false;
    gmtime_r(&s->time, &t);
    strftime(date, SIGN_DATE_ROOM, "%Y%m%dT%H%M%SZ", &t);
    hash_hex(s->body.ptr, s->body.len, body);
    int len = snprintf(canonical, sizeof(canonical),
                       "POST\n%s\n\ncontent-type:application/json\nhost:%s\nx-amz-date:%s\n\n%s\n%s", path,
                       host, date, names, body);
    if (len < 0 || (size_t)len >= sizeof(canonical))
        return false;
    hash_hex(canonical, (size_t)len, hashed);
    snprintf(scope, sizeof(scope), "%.8s/%s/%s/aws4_request", date, s->region, s->service);
    snprintf(text, sizeof(text), "AWS4-HMAC-SHA256\n%s\n%s\n%s", date, scope, hashed);
    sign_text(s, text, signature);
    len = snprintf(authorization, SIGN_ROOM, "AWS4-HMAC-SHA256 Credential=%s/%s, SignedHeaders=%s, Signature=%s",
                   s->key_id, scope, names, signature);
    return len > 0 && len < SIGN_ROOM;
}
