#include "core/artifact/content.h"

#include <stdlib.h>
#include <string.h>

#include "core/json/json.h"
#include "core/json/writer.h"

void blocks_clear(struct content *content)
{
    free(content->blocks);
    *content = (struct content)CONTENT_INIT;
}

static bool push(struct content *content, const struct block *block)
{
    if (content->count == content->cap) {
        size_t cap = content->cap ? content->cap * 2 : 4;
        struct block *blocks = realloc(content->blocks, cap * sizeof(*blocks));
        if (!blocks)
            return false;
        content->blocks = blocks;
        content->cap = cap;
    }
    content->blocks[content->count++] = *block;
    return true;
}

bool blocks_add(struct content *content, const struct block *block, size_t len)
{
    if (!push(content, block))
        return false;
    content->size += len;
    return true;
}

size_t blocks_block_bytes(const struct content *content, size_t index)
{
    uint64_t left = content->size - (uint64_t)index * BLOCK_BYTES;
    return left < BLOCK_BYTES ? (size_t)left : BLOCK_BYTES;
}

uint64_t blocks_stored(const struct content *content)
{
    uint64_t bytes = 0;
    for (size_t i = 0; i < content->count; i++)
        bytes += content->blocks[i].stored;
    return bytes;
}

void blocks_write(const struct content *content, struct buffer *out)
{
    struct json_writer w = json_writer(out);
    char text[BLAKE3_TEXT_SIZE];
    json_begin_object(&w);
    json_put_i64(&w, STR("size"), (int64_t)content->size);
    json_put_i64(&w, STR("at"), content->at_ms);
    json_key(&w, STR("blocks"));
    json_begin_array(&w);
    for (size_t i = 0; i < content->count; i++) {
        const struct block *block = &content->blocks[i];
        blake3_text(block->key, text);
        json_begin_array(&w);
        json_write_string(&w, (struct str){text + 7, 64});
        json_write_u64(&w, block->stored);
        json_write_u64(&w, block->compressed);
        json_end_array(&w);
    }
    json_end_array(&w);
    json_end_object(&w);
}

static bool parse_block(struct json v, struct block *block)
{
    char text[BLAKE3_TEXT_SIZE] = "blake3:";
    struct str digits;
    int64_t stored, compressed;
    if (json_type(v) != JSON_ARRAY || json_count(v) != 3 || !json_plain(json_at(v, 0), &digits) ||
        digits.len != 64 || !json_int64(json_at(v, 1), &stored) ||
        !json_int64(json_at(v, 2), &compressed))
        return false;
    memcpy(text + 7, digits.ptr, digits.len);
    if (!blake3_parse((struct str){text, BLAKE3_TEXT_SIZE - 1}, block->key) || stored < 1 ||
        stored > (int64_t)BLOCK_BYTES || compressed < 0 || compressed > 1)
        return false;
    block->stored = (uint32_t)stored;
    block->compressed = compressed == 1;
    return true;
}

static int parse(struct json root, struct content *content, struct error *err)
{
    int64_t size, at;
    struct json blocks = json_get(root, STR("blocks"));
    if (!json_int64(json_get(root, STR("size")), &size) || size < 0 ||
        size > (int64_t)CONTENT_MAX || !json_int64(json_get(root, STR("at")), &at) ||
        json_type(blocks) != JSON_ARRAY ||
        json_count(blocks) != ((uint64_t)size + BLOCK_BYTES - 1) / BLOCK_BYTES)
        return error_set(err, ST_INVALID, "the list of an artifact's blocks is damaged");
    for (struct json_iter it = json_iter(blocks); json_next(&it);) {
        struct block block;
        if (!parse_block(it.value, &block))
            return error_set(err, ST_INVALID, "a block of an artifact is described wrongly");
        if (!push(content, &block))
            return error_set(err, ST_NOMEM, "out of memory");
    }
    content->size = (uint64_t)size;
    content->at_ms = at;
    for (size_t i = 0; i < content->count; i++)
        if (!content->blocks[i].compressed &&
            content->blocks[i].stored != blocks_block_bytes(content, i))
            return error_set(err, ST_INVALID, "a block of an artifact has a wrong size");
    return ST_OK;
}

int blocks_parse(struct str text, struct content *out, struct error *err)
{
    struct json_doc *doc;
    struct content content = CONTENT_INIT;
    int rc = json_parse(text, &doc, err);
    if (rc)
        return error_prefix(err, "the list of an artifact's blocks: ");
    rc = parse(json_root(doc), &content, err);
    json_free(doc);
    if (rc) {
        blocks_clear(&content);
        return rc;
    }
    *out = content;
    return ST_OK;
}
