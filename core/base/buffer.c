#include "core/base/buffer.h"

#include <stdlib.h>
#include <string.h>

void buffer_clear(struct buffer *b)
{
    free(b->data);
    *b = (struct buffer)BUFFER_INIT;
}

void buffer_wipe(struct buffer *b)
{
    if (b->data)
        memset(b->data, 0, b->cap);
    /* Without this the compiler may drop the writes, as nobody reads them. */
    __asm__ volatile("" : : "r"(b->data) : "memory");
    buffer_clear(b);
}

void buffer_reset(struct buffer *b, size_t keep)
{
    b->len = 0;
    b->failed = false;
    if (b->cap > keep)
        buffer_clear(b);
}

static bool grow(struct buffer *b, size_t more)
{
    size_t need = b->len + more;
    if (need < b->len || need > SIZE_MAX / 2) {
        b->failed = true;
        return false;
    }
    size_t cap = b->cap ? b->cap * 2 : 256;
    while (cap < need)
        cap *= 2;
    char *data = realloc(b->data, cap);
    if (!data) {
        b->failed = true;
        return false;
    }
    b->data = data;
    b->cap = cap;
    return true;
}

bool buffer_reserve(struct buffer *b, size_t more)
{
    if (b->failed)
        return false;
    if (b->cap - b->len >= more)
        return true;
    return grow(b, more);
}

void buffer_add(struct buffer *b, const void *data, size_t len)
{
    if (len == 0 || !buffer_reserve(b, len))
        return;
    memcpy(b->data + b->len, data, len);
    b->len += len;
}

void buffer_add_str(struct buffer *b, struct str s)
{
    buffer_add(b, s.ptr, s.len);
}

void buffer_add_char(struct buffer *b, char c)
{
    if (buffer_reserve(b, 1))
        b->data[b->len++] = c;
}

void buffer_add_u64(struct buffer *b, uint64_t value)
{
    char digits[20];
    size_t at = sizeof(digits);
    do {
        digits[--at] = (char)('0' + value % 10);
        value /= 10;
    } while (value);
    buffer_add(b, digits + at, sizeof(digits) - at);
}

void buffer_add_i64(struct buffer *b, int64_t value)
{
    if (value < 0)
        buffer_add_char(b, '-');
    buffer_add_u64(b, value < 0 ? (uint64_t)0 - (uint64_t)value : (uint64_t)value);
}

void buffer_drop_front(struct buffer *b, size_t len)
{
    if (len >= b->len) {
        b->len = 0;
        return;
    }
    if (len) {
        memmove(b->data, b->data + len, b->len - len);
        b->len -= len;
    }
}

char *buffer_take(struct buffer *b, size_t *len)
{
    if (!buffer_reserve(b, 1)) {
        buffer_clear(b);
        return NULL;
    }
    b->data[b->len] = '\0';
    char *data = b->data;
    if (len)
        *len = b->len;
    *b = (struct buffer)BUFFER_INIT;
    return data;
}
