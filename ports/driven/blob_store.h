/*
 * Where large bytes are kept, under the name of their digest: "blake3:" and 64 hexadecimal digits
 * (include/hexmcp/ext/draft/blob.h is the same, as plugins have it). Whoever puts a blob has computed
 * the digest of all its bytes, or drops the put. Spaces as in key_value_store.h.
 *
 * All [loop]. Functions copy what they are given before they return. Each tells done() exactly once,
 * perhaps before it returns. What done() is given is borrowed until it returns.
 */
#pragma once

#include "ports/types.h"

#define BLOB_PIECE_MAX ((size_t)1 << 20)

struct blob_put;

struct blob_entry {
    struct str key;
    uint64_t bytes;
    uint64_t stored_bytes;
};

struct blob_sink {
    void *arg;
    void (*piece)(void *arg, struct str bytes);
    /* `bytes` is the size of the whole blob. ST_NOT_FOUND. */
    void (*done)(void *arg, const struct error *err, uint64_t bytes);
};

struct blob_store {
    void *ctx;

    /* Begins to put a blob of so many bytes. ready() with a put wants the bytes by write(); with NULL and
     * no error the blob is there already. */
    void (*put)(void *ctx, struct str space, struct str key, uint64_t bytes,
                void (*ready)(void *arg, const struct error *err, struct blob_put *put), void *arg);

    /* The next bytes, at most BLOB_PIECE_MAX, after done() of those before. With `last` the blob is
     * durable when done() comes without an error. After an error, or the last, the put is gone. */
    void (*write)(void *ctx, struct blob_put *put, struct str bytes, bool last,
                  void (*done)(void *arg, const struct error *err), void *arg);

    /* Gives it up: nothing of it stays. Not while write() has not told done(). */
    void (*drop)(void *ctx, struct blob_put *put);

    /* `length` 0: to the end. */
    void (*get)(void *ctx, struct str space, struct str key, uint64_t offset, uint64_t length,
                const struct blob_sink *sink);

    /* ST_NOT_FOUND. */
    void (*stat)(void *ctx, struct str space, struct str key,
                 void (*done)(void *arg, const struct error *err, const struct blob_entry *entry),
                 void *arg);

    /* Behind the key `after`, 1 to 1,000. */
    void (*list)(void *ctx, struct str space, struct str after, uint32_t limit,
                 void (*done)(void *arg, const struct error *err, const struct blob_entry *entries,
                              size_t count, bool more),
                 void *arg);

    /* ST_NOT_FOUND. */
    void (*remove)(void *ctx, struct str space, struct str key,
                   void (*done)(void *arg, const struct error *err), void *arg);
};
