#include "adapters/driving/websocket/deflate.h"

#include <limits.h>
#include <stdlib.h>
#include <zlib.h>

/* Negative: without header and checksum. */
#define WINDOW_BITS (-15)
#define LEVEL 1
/* 2^(MEM_LEVEL+7) entries are emptied for each message. */
#define MEM_LEVEL 5

/* What a sender leaves away at the end of each message. */
static const unsigned char tail[4] = {0x00, 0x00, 0xFF, 0xFF};

struct deflate {
    z_stream in;
    z_stream out;
    bool in_ready;
    bool out_ready;
};

struct deflate *deflate_new(void)
{
    return calloc(1, sizeof(struct deflate));
}

void deflate_free(struct deflate *d)
{
    if (!d)
        return;
    if (d->in_ready)
        inflateEnd(&d->in);
    if (d->out_ready)
        deflateEnd(&d->out);
    free(d);
}

static bool is_bits(struct str value, bool optional)
{
    if (value.len == 0)
        return optional;
    if (value.len >= 2 && value.ptr[0] == '"' && value.ptr[value.len - 1] == '"')
        value = (struct str){value.ptr + 1, value.len - 2};
    return (value.len == 1 && (value.ptr[0] == '8' || value.ptr[0] == '9')) ||
           (value.len == 2 && value.ptr[0] == '1' && value.ptr[1] >= '0' && value.ptr[1] <= '5');
}

/* The parameters that an offer may have. We always compress with the full window, so an offer that
 * limits ours is not for us. */
static bool accept_parameter(struct str parameter, unsigned *seen)
{
    const char *equals = memchr(parameter.ptr, '=', parameter.len);
    size_t len = equals ? (size_t)(equals - parameter.ptr) : parameter.len;
    struct str name = upgrade_trimmed((struct str){parameter.ptr, len});
    struct str value = {NULL, 0};
    if (equals)
        value = upgrade_trimmed((struct str){equals + 1, parameter.len - len - 1});
    unsigned bit = 0;
    if (upgrade_equal(name, STR("server_no_context_takeover")))
        bit = equals ? 0 : 1;
    else if (upgrade_equal(name, STR("client_no_context_takeover")))
        bit = equals ? 0 : 2;
    else if (upgrade_equal(name, STR("client_max_window_bits")))
        bit = is_bits(value, !equals) ? 4 : 0;
    bool fresh = bit && !(*seen & bit);
    *seen |= bit;
    return fresh;
}

static bool accept_offer(struct str offer)
{
    unsigned seen = 0;
    bool first = true;
    while (offer.ptr) {
        const char *semicolon = memchr(offer.ptr, ';', offer.len);
        size_t len = semicolon ? (size_t)(semicolon - offer.ptr) : offer.len;
        struct str part = upgrade_trimmed((struct str){offer.ptr, len});
        if (first ? !upgrade_equal(part, STR("permessage-deflate"))
                  : !accept_parameter(part, &seen))
            return false;
        first = false;
        offer = semicolon ? (struct str){semicolon + 1, offer.len - len - 1}
                          : (struct str){NULL, 0};
    }
    return true;
}

bool deflate_offered(const struct upgrade_list *extensions)
{
    size_t line = 0;
    struct str rest = {NULL, 0}, offer;
    while (upgrade_list_next(extensions, &line, &rest, &offer))
        if (accept_offer(offer))
            return true;
    return false;
}

static bool ready_in(struct deflate *d)
{
    if (d->in_ready)
        return inflateReset(&d->in) == Z_OK;
    d->in_ready = inflateInit2(&d->in, WINDOW_BITS) == Z_OK;
    return d->in_ready;
}

static bool ready_out(struct deflate *d)
{
    if (d->out_ready)
        return deflateReset(&d->out) == Z_OK;
    d->out_ready = deflateInit2(&d->out, LEVEL, Z_DEFLATED, WINDOW_BITS, MEM_LEVEL,
                                Z_DEFAULT_STRATEGY) == Z_OK;
    return d->out_ready;
}

/* Inflates `from` as far as it goes. One byte over the limit is made, to see that there is more. */
static int unpack_piece(z_stream *z, struct str from, size_t limit, struct buffer *out,
                        size_t begin)
{
    z->next_in = (unsigned char *)(uintptr_t)from.ptr;
    z->avail_in = (unsigned)from.len;
    for (;;) {
        size_t made = out->len - begin;
        size_t room = limit + 1 - made;
        size_t step = out->cap - out->len > 1024 ? out->cap - out->len : from.len * 2 + 1024;
        if (room > step)
            room = step;
        if (room > UINT_MAX)
            room = UINT_MAX;
        if (!buffer_reserve(out, room))
            return ST_NOMEM;
        z->next_out = (unsigned char *)out->data + out->len;
        z->avail_out = (unsigned)room;
        int rc = inflate(z, Z_SYNC_FLUSH);
        out->len += room - z->avail_out;
        if (out->len - begin > limit)
            return ST_TOO_LARGE;
        /* A sender may end a stream in its message; what follows is another one. */
        if (rc == Z_STREAM_END && inflateReset(z) == Z_OK)
            rc = Z_OK;
        if (z->avail_in == 0 && z->avail_out > 0 && (rc == Z_OK || rc == Z_BUF_ERROR))
            return ST_OK;
        if (rc != Z_OK)
            return rc == Z_MEM_ERROR ? ST_NOMEM : ST_INVALID;
    }
}

int deflate_unpack(struct deflate *d, struct str packed, size_t limit, struct buffer *out)
{
    size_t begin = out->len;
    if (packed.len > UINT_MAX)
        return ST_TOO_LARGE;
    if (!ready_in(d))
        return ST_NOMEM;
    int rc = unpack_piece(&d->in, packed, limit, out, begin);
    if (rc == ST_OK)
        rc = unpack_piece(&d->in, (struct str){(const char *)tail, sizeof(tail)}, limit, out, begin);
    return rc;
}

bool deflate_pack(struct deflate *d, struct str message, struct buffer *out)
{
    if (message.len > UINT_MAX / 2 || !ready_out(d))
        return false;
    /* deflateBound speaks of a stream that ends; a flush may take a few bytes more. */
    size_t room = deflateBound(&d->out, message.len) + 16;
    if (!buffer_reserve(out, room)) {
        out->failed = false;
        return false;
    }
    d->out.next_in = (unsigned char *)(uintptr_t)message.ptr;
    d->out.avail_in = (unsigned)message.len;
    d->out.next_out = (unsigned char *)out->data + out->len;
    d->out.avail_out = (unsigned)room;
    if (deflate(&d->out, Z_SYNC_FLUSH) != Z_OK || d->out.avail_in > 0 || d->out.avail_out == 0)
        return false;
    size_t made = room - d->out.avail_out;
    if (made < sizeof(tail) || memcmp(out->data + out->len + made - sizeof(tail), tail, sizeof(tail)))
        return false;
    out->len += made - sizeof(tail);
    return true;
}
