/* The module `zstd`: libzstd. */
#include <zstd.h>
#include <zstd_errors.h>

#include "adapters/driven/module/export.h"
#include "core/base/error.h"
#include "ports/driven/codec.h"

MODULE_DEFINE_BUILD_ID();

#define LEVEL 3

static int compress(void *ctx, struct str data, void *out, size_t cap, size_t *len, struct error *err)
{
    (void)ctx;
    size_t got = ZSTD_compress(out, cap, data.ptr, data.len, LEVEL);
    if (ZSTD_isError(got))
        return error_set(err, ZSTD_getErrorCode(got) == ZSTD_error_dstSize_tooSmall ? ST_TOO_LARGE
                                                                                     : ST_NOMEM,
                         "%zu bytes cannot be compressed: %s", data.len, ZSTD_getErrorName(got));
    *len = got;
    return ST_OK;
}

/* The frame says how long it will be; it may lie, so `len` bounds it in any case. */
static int expand(void *ctx, struct str data, void *out, size_t len, struct error *err)
{
    (void)ctx;
    size_t got = ZSTD_decompress(out, len, data.ptr, data.len);
    if (ZSTD_isError(got))
        return error_set(err, ST_INVALID, "%zu compressed bytes cannot be read: %s", data.len,
                         ZSTD_getErrorName(got));
    if (got != len)
        return error_set(err, ST_INVALID,
                         "%zu compressed bytes give %zu bytes and should give %zu", data.len, got,
                         len);
    return ST_OK;
}

MODULE_EXPORT int hexmcp_module_entry(struct codec_port *out, struct error *err);

int hexmcp_module_entry(struct codec_port *out, struct error *err)
{
    (void)err;
    *out = (struct codec_port){NULL, compress, expand};
    return ST_OK;
}
