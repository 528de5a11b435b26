/* The module `secretstream`: libsodium. */
#include <sodium.h>

#include "adapters/driven/module/export.h"
#include "core/base/error.h"
#include "ports/driven/stream_cipher.h"

MODULE_DEFINE_BUILD_ID();

_Static_assert(STREAM_KEY_BYTES == crypto_secretstream_xchacha20poly1305_KEYBYTES, "key");
_Static_assert(STREAM_START_BYTES == crypto_secretstream_xchacha20poly1305_HEADERBYTES, "start");
_Static_assert(STREAM_MORE_BYTES == crypto_secretstream_xchacha20poly1305_ABYTES, "more");

struct stream_cipher {
    const void *owner; /* secretstream.c finds the module by it */
    crypto_secretstream_xchacha20poly1305_state state;
};

static struct stream_cipher *stream_new(const void *owner)
{
    struct stream_cipher *stream = sodium_malloc(sizeof(*stream));
    if (stream)
        stream->owner = owner;
    return stream;
}

static int seal_begin(void *ctx, const uint8_t key[STREAM_KEY_BYTES], uint8_t start[STREAM_START_BYTES],
                      struct stream_cipher **out, struct error *err)
{
    struct stream_cipher *stream = stream_new(ctx);
    if (!stream)
        return error_set(err, ST_NOMEM, "out of memory");
    crypto_secretstream_xchacha20poly1305_init_push(&stream->state, start, key);
    *out = stream;
    return ST_OK;
}

static int open_begin(void *ctx, const uint8_t key[STREAM_KEY_BYTES],
                      const uint8_t start[STREAM_START_BYTES], struct stream_cipher **out,
                      struct error *err)
{
    struct stream_cipher *stream = stream_new(ctx);
    if (!stream)
        return error_set(err, ST_NOMEM, "out of memory");
    if (crypto_secretstream_xchacha20poly1305_init_pull(&stream->state, start, key)) {
        sodium_free(stream);
        return error_set(err, ST_DENIED, "no encrypted stream starts like this");
    }
    *out = stream;
    return ST_OK;
}

static int seal(struct stream_cipher *stream, struct str data, struct str beside, bool last, void *out,
                struct error *err)
{
    unsigned char tag = last ? crypto_secretstream_xchacha20poly1305_TAG_FINAL
                             : crypto_secretstream_xchacha20poly1305_TAG_MESSAGE;
    if (crypto_secretstream_xchacha20poly1305_push(&stream->state, out, NULL,
                                                   (const unsigned char *)data.ptr, data.len,
                                                   (const unsigned char *)beside.ptr, beside.len, tag))
        return error_set(err, ST_GENERIC, "%zu bytes cannot be encrypted", data.len);
    return ST_OK;
}

static int open_piece(struct stream_cipher *stream, struct str sealed, struct str beside, void *out,
                      bool *last, struct error *err)
{
    unsigned char tag;
    if (sealed.len < STREAM_MORE_BYTES ||
        crypto_secretstream_xchacha20poly1305_pull(
            &stream->state, out, NULL, &tag, (const unsigned char *)sealed.ptr, sealed.len,
            (const unsigned char *)beside.ptr, beside.len))
        return error_set(err, ST_DENIED, "the key does not open it");
    *last = tag == crypto_secretstream_xchacha20poly1305_TAG_FINAL;
    return ST_OK;
}

static void end(struct stream_cipher *stream)
{
    sodium_free(stream);
}

MODULE_EXPORT int hexmcp_module_entry(struct stream_cipher_port *out, struct error *err);

int hexmcp_module_entry(struct stream_cipher_port *out, struct error *err)
{
    if (sodium_init() < 0)
        return error_set(err, ST_UNAVAILABLE, "libsodium cannot be initialised");
    *out = (struct stream_cipher_port){NULL, seal_begin, open_begin, seal, open_piece, end};
    return ST_OK;
}
