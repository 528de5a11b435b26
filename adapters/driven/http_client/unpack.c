#include "adapters/driven/http_client/exchange.h"

/* Below so much, text that repeats itself is no bomb. */
#define HARMLESS_BYTES ((uint64_t)1024 * 1024)

#define WINDOW_ANY_WRAPPER (15 + 32)
#define WINDOW_NO_WRAPPER (-15)

/* "deflate" is zlib's wrapper by the standard and none with many servers. */
static bool has_wrapper(struct str piece)
{
    const unsigned char *at = (const unsigned char *)piece.ptr;
    if (piece.len < 2)
        return true;
    return (at[0] == 0x1f && at[1] == 0x8b) || ((at[0] & 0x0f) == 8 && (at[0] * 256 + at[1]) % 31 == 0);
}

static int start(struct exchange_unpacker *u, struct str piece, struct error *err)
{
    u->stream = (z_stream){0};
    if (inflateInit2(&u->stream, has_wrapper(piece) ? WINDOW_ANY_WRAPPER : WINDOW_NO_WRAPPER) != Z_OK)
        return error_set(err, ST_NOMEM, "out of memory");
    u->started = true;
    return ST_OK;
}

static int check_ratio(const struct exchange_unpacker *u, struct error *err)
{
    if (u->unpacked <= HARMLESS_BYTES || u->unpacked / HTTP_UNPACKED_RATIO_MAX <= u->packed)
        return ST_OK;
    return error_set(err, ST_TOO_LARGE, "its answer unpacks to more than %u times its size",
                     HTTP_UNPACKED_RATIO_MAX);
}

/* Gzip files may follow one another in one body. */
static int at_end(struct exchange_unpacker *u)
{
    u->ended = true;
    u->more = false;
    if (u->stream.avail_in && *u->stream.next_in == 0x1f) {
        u->ended = false;
        return inflateReset2(&u->stream, WINDOW_ANY_WRAPPER);
    }
    u->stream.avail_in = 0;
    return Z_OK;
}

int unpack_step(struct exchange_unpacker *u, struct str *piece, char *out, size_t room,
                size_t *made, struct error *err)
{
    int rc = u->started ? ST_OK : start(u, *piece, err);
    if (rc)
        return rc;
    u->stream.next_in = (unsigned char *)(uintptr_t)piece->ptr;
    u->stream.avail_in = (unsigned)piece->len;
    u->stream.next_out = (unsigned char *)out;
    u->stream.avail_out = (unsigned)room;
    int status = u->ended ? Z_STREAM_END : inflate(&u->stream, Z_NO_FLUSH);
    *made = room - u->stream.avail_out;
    u->more = u->stream.avail_out == 0;
    if (status == Z_STREAM_END)
        status = at_end(u);
    if (status != Z_OK && status != Z_BUF_ERROR)
        return error_set(err, ST_PROTOCOL,
                         "its answer is not packed as its Content-Encoding says");
    u->packed += piece->len - u->stream.avail_in;
    u->unpacked += *made;
    *piece = (struct str){piece->ptr + (piece->len - u->stream.avail_in), u->stream.avail_in};
    return check_ratio(u, err);
}

void unpack_clear(struct exchange_unpacker *u)
{
    if (u->started)
        inflateEnd(&u->stream);
    *u = (struct exchange_unpacker){.on = false};
}
