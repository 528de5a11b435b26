/*
 * SPDX-License-Identifier: MIT
 */
#include "unpack.h"

#include <zlib.h>

/* As the host's for packed answers. */
#define MOST_RATIO 200
#define FREE_OF_RATIO ((size_t)1024 * 1024)

bool unpack_is_gzip(hexmcp_str file)
{
    return hexmcp_str_begins(file, "\x1F\x8B");
}

static int32_t too_large(const hexmcp_round *r)
{
    return hexmcp_fail(r->err, HEXMCP_E_TOO_LARGE,
                       "it unpacks to more than 50 MiB or to more than %d times of its size", MOST_RATIO);
}

static int32_t run(const hexmcp_round *r, z_stream *z, size_t packed, size_t most, struct bytes *out)
{
    unsigned char piece[16384];
    int rc = Z_OK;
    while (rc == Z_OK) {
        z->next_out = piece;
        z->avail_out = sizeof(piece);
        rc = inflate(z, Z_NO_FLUSH);
        size_t got = sizeof(piece) - z->avail_out, all = out->len + got;
        if (all > most || (all > FREE_OF_RATIO && all / MOST_RATIO > packed))
            return too_large(r);
        if (!bytes_add(out, piece, got))
            return hexmcp_fail(r->err, HEXMCP_E_NOMEM, "out of memory for the sitemap; try again");
    }
    if (rc != Z_STREAM_END)
        return hexmcp_fail(r->err, HEXMCP_E_INVALID, "it is a broken gzip file");
    return HEXMCP_OK;
}

/* A file may consist of several, one behind the other; what is none is dropped, as gzip does. */
static bool next_member(z_stream *z)
{
    return z->avail_in > 1 && z->next_in[0] == 0x1F && z->next_in[1] == 0x8B && inflateReset(z) == Z_OK;
}

int32_t unpack(const hexmcp_round *r, hexmcp_str file, size_t most, struct bytes *out)
{
    z_stream z = {.next_in = (Bytef *)file.ptr, .avail_in = (uInt)file.len};
    *out = (struct bytes){0};
    if (inflateInit2(&z, 15 + 16) != Z_OK)
        return hexmcp_fail(r->err, HEXMCP_E_NOMEM, "out of memory for the sitemap; try again");
    int32_t status;
    do
        status = run(r, &z, file.len, most, out);
    while (status == HEXMCP_OK && next_member(&z));
    inflateEnd(&z);
    if (status != HEXMCP_OK)
        bytes_free(out);
    return status;
}
