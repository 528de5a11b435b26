#include "core/artifact/block.h"

#include <string.h>

#include "core/base/str.h"

/* Less gain than one part in so many is not worth the reading. */
#define WORTH 16

int block_seal(const struct codec_port *codec, struct str raw, void *scratch, struct block *block,
               struct str *bytes, struct error *err)
{
    size_t len = 0;
    *bytes = raw;
    block->compressed = false;
    if (raw.len > BLOCK_PLAIN_MAX) {
        int rc = codec->compress(codec->ctx, raw, scratch, raw.len - raw.len / WORTH, &len, err);
        if (rc && rc != ST_TOO_LARGE)
            return rc;
        block->compressed = !rc;
    }
    if (block->compressed)
        *bytes = (struct str){scratch, len};
    block->stored = (uint32_t)bytes->len;
    blake3(*bytes, block->key);
    return ST_OK;
}

int block_open(const struct codec_port *codec, const struct block *block, struct str stored,
               size_t len, void *scratch, struct str *raw, struct error *err)
{
    uint8_t key[BLAKE3_BYTES];
    char name[BLAKE3_TEXT_SIZE];
    blake3_text(block->key, name);
    blake3(stored, key);
    if (stored.len != block->stored || memcmp(key, block->key, sizeof(key)) != 0)
        return error_set(err, ST_INVALID,
                         "the blob %s is damaged in the store; restore it from a backup", name);
    if (!block->compressed) {
        if (len != stored.len)
            return error_set(err, ST_INVALID, "the blob %s has %zu bytes and should have %zu", name,
                             stored.len, len);
        *raw = stored;
        return ST_OK;
    }
    if (codec->expand(codec->ctx, stored, scratch, len, err))
        return error_prefix(err, "the blob %s: ", name);
    *raw = (struct str){scratch, len};
    return ST_OK;
}
