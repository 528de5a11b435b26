/* A file of a backup, read to its end or to the first fault; and the records in it. */
#include <stdlib.h>
#include <string.h>

#include "core/backup/container.h"
#include "core/backup/facts.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

struct file {
    const uint8_t *data;
    size_t size;
};

static int read_at(void *arg, uint64_t offset, void *out, size_t len, struct error *err)
{
    const struct file *file = arg;
    (void)err;
    if (offset > file->size || len > file->size - offset)
        abort(); /* it was promised to lie in the file */
    if (len)
        memcpy(out, file->data + offset, len);
    return ST_OK;
}

/* What is "compressed" here is the first byte, repeated. */
static int expand(void *ctx, struct str data, void *out, size_t len, struct error *err)
{
    (void)ctx;
    if (data.len != 1)
        return error_set(err, ST_INVALID, "not compressed");
    memset(out, data.ptr[0], len);
    return ST_OK;
}

static void look_at_records(struct str bytes)
{
    struct str json, value;
    size_t left = bytes.len;
    while (bytes.len && record_next(&bytes, &json, &value)) {
        if (bytes.len >= left || json.len + value.len + bytes.len + 8 != left)
            abort();
        left = bytes.len;
    }
}

/* The digests of a fuzzed file are put right, or nothing behind the header would ever be read. */
static void mend(uint8_t *data, size_t size)
{
    struct blake3 hash;
    uint64_t at;
    if (size < 16 + BLAKE3_BYTES)
        return;
    memcpy(data, "HEXMCPBK\1\0\0\0", 12);
    data[13] = data[14] = data[15] = 0;
    at = 16u + data[12];
    if (at + BLAKE3_BYTES > size)
        return;
    blake3((struct str){(const char *)data, at}, data + at);
    for (at += BLAKE3_BYTES; at + 10 + BLAKE3_BYTES <= size;) {
        uint64_t stored = data[at + 2];
        memset(data + at + 3, 0, 3);
        if (at + 10 + BLAKE3_BYTES + stored > size)
            return;
        blake3_init(&hash);
        blake3_update(&hash, data + at, 10);
        blake3_update(&hash, data + at + 10 + BLAKE3_BYTES, stored);
        blake3_final(&hash, data + at + 10);
        at += 10 + BLAKE3_BYTES + stored;
    }
}

static void read_all(const uint8_t *data, size_t size)
{
    struct file file = {data, size};
    const struct container_source source = {&file, size, read_at};
    const struct codec_port codec = {NULL, NULL, expand};
    struct container_reader reader;
    struct backup_facts facts;
    struct buffer summary = BUFFER_INIT;
    struct error err;
    enum frame_kind kind = FRAME_RECORDS;
    struct str bytes;
    container_summary(&source, &summary, &err);
    backup_parse_summary(buffer_str(&summary), &facts, &err);
    buffer_clear(&summary);
    if (container_open(&reader, &source, &codec, NULL, &err))
        return;
    backup_parse_header(buffer_str(&reader.header), &facts, &err);
    while (kind != FRAME_END && !container_next(&reader, &kind, &bytes, &err))
        if (kind == FRAME_RECORDS && bytes.len < 65536)
            look_at_records(bytes);
    container_reader_clear(&reader);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    uint8_t *copy = malloc(size + 1);
    if (!copy)
        return 0;
    if (size)
        memcpy(copy, data, size);
    look_at_records((struct str){(const char *)copy, size});
    read_all(copy, size);
    mend(copy, size);
    read_all(copy, size);
    free(copy);
    return 0;
}
