/*
 * A growable run of bytes. A failed allocation is remembered: later appends do nothing, and the
 * user asks once at the end (buffer_failed).
 */
#pragma once

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "core/base/str.h"

struct buffer {
    char *data;
    size_t len;
    size_t cap;
    bool failed;
};

#define BUFFER_INIT {NULL, 0, 0, false}

/* Frees the bytes and leaves an empty buffer. */
void buffer_clear(struct buffer *b);

/* As buffer_clear, but overwrites the bytes before: for secrets. What growing left behind stays:
 * reserve first. */
void buffer_wipe(struct buffer *b);

/* Empties the buffer and keeps its memory, at most `keep` bytes of it. */
void buffer_reset(struct buffer *b, size_t keep);

/* Makes room for `more` bytes after the end. False (and failed) without memory. */
bool buffer_reserve(struct buffer *b, size_t more);

void buffer_add(struct buffer *b, const void *data, size_t len);
void buffer_add_str(struct buffer *b, struct str s);
void buffer_add_char(struct buffer *b, char c);
void buffer_add_u64(struct buffer *b, uint64_t value);
void buffer_add_i64(struct buffer *b, int64_t value);

/* Removes `len` bytes at the front (at most all). */
void buffer_drop_front(struct buffer *b, size_t len);

/* True if an append failed since the last buffer_clear or buffer_reset. */
static inline bool buffer_failed(const struct buffer *b)
{
    return b->failed;
}

static inline struct str buffer_str(const struct buffer *b)
{
    return (struct str){b->data, b->len};
}

/* `len` bytes from `from` on, which are there. A buffer that never held one has no address to step from. */
static inline struct str buffer_part(const struct buffer *b, size_t from, size_t len)
{
    return b->data ? (struct str){b->data + from, len} : STR("");
}

/* Hands the bytes over: the caller frees them. The buffer is empty afterwards. A NUL that is not
 * counted follows the bytes. NULL without memory or after a failed append. */
char *buffer_take(struct buffer *b, size_t *len);
