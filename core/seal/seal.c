#include "core/seal/seal.h"

#include <stdlib.h>

#include "core/base/base64url.h"
#include "core/base/error.h"
#include "core/seal/used.h"

#define VERSION 1

/* Where the parts of the body begin. */
enum { AT_VERSION, AT_KEY = 1, AT_EXPIRY = 5, AT_NONCE = 13, AT_PAYLOAD = 29 };

/* base64url without padding */
#define TEXT_LENGTH(bytes) (((bytes)*4 + 2) / 3)

struct sealer {
    struct sealer_parts parts;
    struct used_tokens used;
};

struct sealer *sealer_new(const struct sealer_parts *parts)
{
    struct sealer *s = calloc(1, sizeof(*s));
    if (s)
        s->parts = *parts;
    return s;
}

void sealer_free(struct sealer *s)
{
    if (!s)
        return;
    used_clear(&s->used);
    free(s);
}

static int invalid(struct error *err)
{
    return error_set(err, ST_DENIED,
                     "was not made by this server for this request, or was changed");
}

static int expired(struct error *err)
{
    return error_set(err, ST_DENIED, "has expired; begin again");
}

/* A plain memset of what is not read again would be optimised away. */
static void wipe(struct seal_key *key)
{
    volatile uint8_t *bytes = key->bytes;
    for (size_t i = 0; i < SEAL_KEY_BYTES; i++)
        bytes[i] = 0;
}

/* Most significant byte first. */
static void put_number(uint8_t *out, size_t bytes, uint64_t value)
{
    for (size_t i = bytes; i--; value >>= 8)
        out[i] = (uint8_t)value;
}

static uint64_t get_number(const char *in, size_t bytes)
{
    uint64_t value = 0;
    for (size_t i = 0; i < bytes; i++)
        value = value << 8 | (uint8_t)in[i];
    return value;
}

/* With its length in front, so that no two lists of fields give the same bytes. */
static void add_field(struct buffer *out, struct str field)
{
    uint8_t length[8];
    put_number(length, sizeof(length), field.len);
    buffer_add(out, length, sizeof(length));
    buffer_add_str(out, field);
}

static int authenticate(const struct sealer *s, const struct seal_binding *binding,
                        const struct seal_key *key, struct str body, uint8_t mac[SHA256_BYTES],
                        struct error *err)
{
    const struct crypto_port *crypto = s->parts.crypto;
    struct buffer covered = BUFFER_INIT;
    uint8_t digest[SHA256_BYTES];
    int rc = crypto->sha256(crypto->ctx, binding->arguments, digest, err);
    if (rc)
        return rc;
    add_field(&covered, binding->purpose);
    add_field(&covered, binding->caller);
    add_field(&covered, binding->tenant);
    add_field(&covered, binding->method);
    add_field(&covered, binding->target);
    add_field(&covered, (struct str){(const char *)digest, sizeof(digest)});
    add_field(&covered, body);
    if (buffer_failed(&covered))
        rc = error_set(err, ST_NOMEM, "out of memory");
    else
        rc = crypto->hmac_sha256(crypto->ctx,
                                 (struct str){(const char *)key->bytes, SEAL_KEY_BYTES},
                                 buffer_str(&covered), mac, err);
    buffer_clear(&covered);
    return rc;
}

static int compose(const struct sealer *s, uint32_t key, uint64_t ttl_ms, struct str payload,
                   struct buffer *body, struct error *err)
{
    const struct random_port *random = s->parts.random;
    uint8_t head[AT_PAYLOAD];
    int64_t now = s->parts.clock->wall_ms(s->parts.clock->ctx);
    head[AT_VERSION] = VERSION;
    put_number(head + AT_KEY, AT_EXPIRY - AT_KEY, key);
    put_number(head + AT_EXPIRY, AT_NONCE - AT_EXPIRY, (uint64_t)now + ttl_ms);
    int rc = random->fill(random->ctx, head + AT_NONCE, SEAL_NONCE_BYTES, err);
    if (rc)
        return rc;
    buffer_add(body, head, sizeof(head));
    buffer_add_str(body, payload);
    return buffer_failed(body) ? error_set(err, ST_NOMEM, "out of memory") : ST_OK;
}

static int write_token(struct str body, const uint8_t mac[SHA256_BYTES], struct buffer *out,
                       struct error *err)
{
    if (!buffer_reserve(out, TEXT_LENGTH(body.len) + 1 + TEXT_LENGTH(SHA256_BYTES)))
        return error_set(err, ST_NOMEM, "out of memory");
    base64url_encode(body, out);
    buffer_add_char(out, '.');
    base64url_encode((struct str){(const char *)mac, SHA256_BYTES}, out);
    return ST_OK;
}

int sealer_close(struct sealer *s, const struct seal_binding *binding, uint64_t ttl_ms,
                 struct str payload, struct buffer *out, struct error *err)
{
    const struct seal_keys_port *keys = s->parts.keys;
    struct seal_key key;
    struct buffer body = BUFFER_INIT;
    uint8_t mac[SHA256_BYTES];
    if (payload.len > SEAL_PAYLOAD_MAX)
        return error_set(err, ST_TOO_LARGE,
                         "%zu bytes are too many to seal: at most %u; keep a reference instead",
                         payload.len, SEAL_PAYLOAD_MAX);
    if (ttl_ms == 0 || ttl_ms > SEAL_TTL_MAX_MS)
        return error_set(err, ST_INVALID, "a sealed token lives from 1 ms to 24 hours");
    int rc = keys->current(keys->ctx, &key, err);
    if (rc)
        return rc;
    rc = compose(s, key.id, ttl_ms, payload, &body, err);
    if (!rc)
        rc = authenticate(s, binding, &key, buffer_str(&body), mac, err);
    if (!rc)
        rc = write_token(buffer_str(&body), mac, out, err);
    buffer_clear(&body);
    wipe(&key);
    return rc;
}

/* Appends the bytes of the body and fills the MAC as they came, unchecked. */
static int read_token(struct str token, struct buffer *body, uint8_t mac[SHA256_BYTES],
                      struct error *err)
{
    const size_t mac_text = TEXT_LENGTH(SHA256_BYTES);
    struct buffer tail = BUFFER_INIT;
    if (token.len < TEXT_LENGTH(AT_PAYLOAD) + 1 + mac_text ||
        token.len > TEXT_LENGTH(AT_PAYLOAD + SEAL_PAYLOAD_MAX) + 1 + mac_text ||
        token.ptr[token.len - mac_text - 1] != '.')
        return invalid(err);
    bool good = base64url_decode((struct str){token.ptr, token.len - mac_text - 1}, body) &&
                base64url_decode((struct str){token.ptr + token.len - mac_text, mac_text}, &tail);
    if (good)
        memcpy(mac, tail.data, SHA256_BYTES);
    bool no_memory = buffer_failed(body) || buffer_failed(&tail);
    buffer_clear(&tail);
    if (no_memory)
        return error_set(err, ST_NOMEM, "cannot be read: out of memory");
    return good ? ST_OK : invalid(err);
}

static int verify(const struct sealer *s, const struct seal_binding *binding, struct str body,
                  const uint8_t mac[SHA256_BYTES], struct error *err)
{
    const struct sealer_parts *p = &s->parts;
    struct seal_key key;
    uint8_t right[SHA256_BYTES];
    uint32_t id = (uint32_t)get_number(body.ptr + AT_KEY, AT_EXPIRY - AT_KEY);
    if (body.ptr[AT_VERSION] != VERSION || !p->keys->find(p->keys->ctx, id, &key))
        return invalid(err);
    int rc = authenticate(s, binding, &key, body, right, err);
    wipe(&key);
    if (!rc && !p->crypto->equal(p->crypto->ctx, mac, right, SHA256_BYTES))
        rc = invalid(err);
    return rc;
}

static bool is_over(const struct sealer *s, int64_t expiry_ms)
{
    return s->parts.clock->wall_ms(s->parts.clock->ctx) >= expiry_ms;
}

int sealer_open(struct sealer *s, const struct seal_binding *binding, struct str token,
                struct buffer *payload, struct seal_nonce *nonce, struct error *err)
{
    struct buffer body = BUFFER_INIT;
    struct seal_nonce which;
    uint8_t mac[SHA256_BYTES];
    int rc = read_token(token, &body, mac, err);
    if (!rc)
        rc = verify(s, binding, buffer_str(&body), mac, err);
    if (!rc) {
        which.expiry_ms = (int64_t)get_number(body.data + AT_EXPIRY, AT_NONCE - AT_EXPIRY);
        memcpy(which.bytes, body.data + AT_NONCE, SEAL_NONCE_BYTES);
        if (is_over(s, which.expiry_ms))
            rc = expired(err);
        else if (!buffer_reserve(payload, body.len - AT_PAYLOAD))
            rc = error_set(err, ST_NOMEM, "cannot be read: out of memory");
    }
    if (!rc) {
        buffer_add(payload, body.data + AT_PAYLOAD, body.len - AT_PAYLOAD);
        if (nonce)
            *nonce = which;
    }
    buffer_clear(&body);
    return rc;
}

int sealer_use(struct sealer *s, const struct seal_nonce *nonce, struct error *err)
{
    int64_t now = s->parts.clock->wall_ms(s->parts.clock->ctx);
    if (now >= nonce->expiry_ms)
        return expired(err);
    used_expire(&s->used, now);
    if (used_holds(&s->used, nonce))
        return error_set(err, ST_DENIED, "was used already; begin again");
    if (s->used.count >= SEAL_USED_MAX)
        return error_set(err, ST_BUSY, "cannot be taken now: too many are in use; try again later");
    if (used_add(&s->used, nonce))
        return ST_OK;
    return error_set(err, ST_NOMEM, "cannot be read: out of memory");
}
