#include "core/seal/seal.h"

#include <stdlib.h>

#include "core/base/base64url.h"
#include "core/seal/used.h"

#define VERSION 1

/* version, key id, expiry, nonce: big endian. */
#define HEAD_BYTES (1 + 4 + 8 + SEAL_NONCE_BYTES)

struct sealer {
    struct sealer_parts parts;
    struct used_nonces used;
};

struct sealer *sealer_new(const struct sealer_parts *parts)
{
    struct sealer *sealer = calloc(1, sizeof(*sealer));
    if (sealer)
        sealer->parts = *parts;
    return sealer;
}

void sealer_free(struct sealer *sealer)
{
    if (!sealer)
        return;
    used_nonces_clear(&sealer->used);
    free(sealer);
}

static void put_number(struct buffer *out, uint64_t value, int bytes)
{
    for (int i = bytes - 1; i >= 0; i--)
        buffer_add_char(out, (char)(unsigned char)(value >> (8 * i)));
}

static uint64_t get_number(const char *at, int bytes)
{
    uint64_t value = 0;
    for (int i = 0; i < bytes; i++)
        value = value << 8 | (unsigned char)at[i];
    return value;
}

static void put_part(struct buffer *out, struct str part)
{
    put_number(out, part.len, 8);
    buffer_add_str(out, part);
}

/* Everything that the HMAC covers: no two pairs of token and binding give the same bytes. */
static int covered(const struct sealer *s, const struct seal_binding *binding, struct str head,
                   struct buffer *out, struct error *err)
{
    const struct crypto_port *crypto = s->parts.crypto;
    uint8_t digest[SHA256_BYTES];
    int rc = crypto->sha256(crypto->ctx, binding->arguments, digest, err);
    if (rc)
        return rc;
    put_part(out, binding->purpose);
    put_part(out, binding->caller);
    put_part(out, binding->tenant);
    put_part(out, binding->method);
    put_part(out, binding->target);
    buffer_add(out, digest, sizeof(digest));
    put_part(out, head);
    return buffer_failed(out) ? error_set(err, ST_NOMEM, "out of memory") : ST_OK;
}

static int authenticate(const struct sealer *s, const struct seal_binding *binding,
                        const struct seal_key *key, struct str head, uint8_t mac[SHA256_BYTES],
                        struct error *err)
{
    const struct crypto_port *crypto = s->parts.crypto;
    struct str secret = {(const char *)key->bytes, sizeof(key->bytes)};
    struct buffer bytes = BUFFER_INIT;
    int rc = covered(s, binding, head, &bytes, err);
    if (!rc)
        rc = crypto->hmac_sha256(crypto->ctx, secret, buffer_str(&bytes), mac, err);
    buffer_clear(&bytes);
    return rc;
}

static int write_head(struct sealer *s, const struct seal_key *key, uint64_t ttl_ms,
                      struct str payload, struct buffer *head, struct error *err)
{
    const struct clock_port *clock = s->parts.clock;
    uint8_t nonce[SEAL_NONCE_BYTES];
    int rc = s->parts.random->fill(s->parts.random->ctx, nonce, sizeof(nonce), err);
    if (rc)
        return rc;
    put_number(head, VERSION, 1);
    put_number(head, key->id, 4);
    put_number(head, (uint64_t)clock->wall_ms(clock->ctx) + ttl_ms, 8);
    buffer_add(head, nonce, sizeof(nonce));
    buffer_add_str(head, payload);
    return buffer_failed(head) ? error_set(err, ST_NOMEM, "out of memory") : ST_OK;
}

int sealer_close(struct sealer *sealer, const struct seal_binding *binding, uint64_t ttl_ms,
                 struct str payload, struct buffer *out, struct error *err)
{
    struct seal_key key;
    struct buffer head = BUFFER_INIT;
    uint8_t mac[SHA256_BYTES];
    if (payload.len > SEAL_PAYLOAD_MAX)
        return error_set(err, ST_TOO_LARGE, "%zu bytes are more than the %zu that can be sealed",
                         payload.len, SEAL_PAYLOAD_MAX);
    int rc = sealer->parts.keys->current(sealer->parts.keys->ctx, &key, err);
    if (!rc)
        rc = write_head(sealer, &key, ttl_ms, payload, &head, err);
    if (!rc)
        rc = authenticate(sealer, binding, &key, buffer_str(&head), mac, err);
    if (!rc) {
        base64url_encode(buffer_str(&head), out);
        buffer_add_char(out, '.');
        base64url_encode((struct str){(const char *)mac, sizeof(mac)}, out);
        rc = buffer_failed(out) ? error_set(err, ST_NOMEM, "out of memory") : ST_OK;
    }
    buffer_clear(&head);
    return rc;
}

static int not_ours(struct error *err)
{
    return error_set(err, ST_DENIED,
                     "was not made by this server for this request, or was changed");
}

static int verify(struct sealer *s, const struct seal_binding *binding, struct str head,
                  struct str mac, struct error *err)
{
    const struct crypto_port *crypto = s->parts.crypto;
    struct seal_key key;
    uint8_t expected[SHA256_BYTES];
    if (head.len < HEAD_BYTES || head.ptr[0] != VERSION || mac.len != SHA256_BYTES ||
        !s->parts.keys->find(s->parts.keys->ctx, (uint32_t)get_number(head.ptr + 1, 4), &key))
        return not_ours(err);
    int rc = authenticate(s, binding, &key, head, expected, err);
    if (rc)
        return rc;
    return crypto->equal(crypto->ctx, expected, mac.ptr, sizeof(expected)) ? ST_OK : not_ours(err);
}

static int check_expiry(const struct sealer *s, struct str head, struct error *err)
{
    const struct clock_port *clock = s->parts.clock;
    int64_t expiry = (int64_t)get_number(head.ptr + 5, 8);
    if (clock->wall_ms(clock->ctx) < expiry)
        return ST_OK;
    return error_set(err, ST_DENIED, "has expired; begin again");
}

static void take(struct str head, struct buffer *payload, struct seal_nonce *nonce)
{
    buffer_add(payload, head.ptr + HEAD_BYTES, head.len - HEAD_BYTES);
    if (!nonce)
        return;
    nonce->expiry_ms = (int64_t)get_number(head.ptr + 5, 8);
    memcpy(nonce->bytes, head.ptr + 13, SEAL_NONCE_BYTES);
}

int sealer_open(struct sealer *sealer, const struct seal_binding *binding, struct str token,
                struct buffer *payload, struct seal_nonce *nonce, struct error *err)
{
    const char *dot = token.len ? memchr(token.ptr, '.', token.len) : NULL;
    struct buffer head = BUFFER_INIT, mac = BUFFER_INIT;
    size_t first = dot ? (size_t)(dot - token.ptr) : 0;
    bool decoded = dot && first <= 2 * SEAL_PAYLOAD_MAX &&
                   base64url_decode((struct str){token.ptr, first}, &head) &&
                   base64url_decode((struct str){dot + 1, token.len - first - 1}, &mac);
    int rc = decoded ? verify(sealer, binding, buffer_str(&head), buffer_str(&mac), err)
                     : not_ours(err);
    if (!rc)
        rc = check_expiry(sealer, buffer_str(&head), err);
    if (!rc)
        take(buffer_str(&head), payload, nonce);
    buffer_clear(&head);
    buffer_clear(&mac);
    if (!rc && buffer_failed(payload))
        rc = error_set(err, ST_NOMEM, "cannot be read: out of memory");
    return rc;
}

int sealer_use(struct sealer *sealer, const struct seal_nonce *nonce, struct error *err)
{
    const struct clock_port *clock = sealer->parts.clock;
    int rc = used_nonces_add(&sealer->used, nonce, clock->wall_ms(clock->ctx));
    if (rc == ST_DENIED)
        return error_set(err, rc, "was used already; begin again");
    if (rc)
        return error_set(err, rc, "cannot be taken now: too many are open; try again later");
    return ST_OK;
}
