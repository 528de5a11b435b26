/* The list of an artifact's blocks: what is read is written as it was understood. */
#include <stdlib.h>
#include <string.h>

#include "core/artifact/content.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    struct content content, again;
    struct buffer text = BUFFER_INIT;
    struct error err;
    uint64_t bytes = 0;
    if (blocks_parse((struct str){(const char *)data, size}, &content, &err))
        return 0;
    for (size_t i = 0; i < content.count; i++) {
        size_t len = blocks_block_bytes(&content, i);
        if (len == 0 || len > BLOCK_BYTES || content.blocks[i].stored == 0)
            abort();
        bytes += len;
    }
    if (bytes != content.size)
        abort();
    blocks_write(&content, &text);
    if (blocks_parse(buffer_str(&text), &again, &err) || again.size != content.size ||
        again.count != content.count || again.at_ms != content.at_ms)
        abort();
    for (size_t i = 0; i < content.count; i++)
        if (memcmp(again.blocks[i].key, content.blocks[i].key, BLAKE3_BYTES) != 0 ||
            again.blocks[i].stored != content.blocks[i].stored ||
            again.blocks[i].compressed != content.blocks[i].compressed)
            abort();
    blocks_clear(&again);
    blocks_clear(&content);
    buffer_clear(&text);
    return 0;
}
