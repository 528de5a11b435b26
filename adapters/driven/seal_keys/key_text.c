#include "adapters/driven/seal_keys/key_text.h"

#define FIRST_LINE "hexmcp seal keys 1\n"

static const char digits[] = "0123456789abcdef";

const struct dated_key *key_list_find(const struct key_list *keys, uint32_t id)
{
    for (size_t i = 0; i < keys->count; i++)
        if (keys->list[i].key.id == id)
            return &keys->list[i];
    return NULL;
}

/* The readers take from the front of `at`. */
static bool take_hex(struct str *at, size_t bytes, uint8_t *out)
{
    if (at->len < 2 * bytes)
        return false;
    for (size_t i = 0; i < 2 * bytes; i++) {
        const char *digit = memchr(digits, at->ptr[i], 16);
        if (!digit)
            return false;
        out[i / 2] = (uint8_t)((i % 2 ? out[i / 2] << 4 : 0) | (digit - digits));
    }
    *at = (struct str){at->ptr + 2 * bytes, at->len - 2 * bytes};
    return true;
}

static bool take_char(struct str *at, char c)
{
    if (at->len == 0 || at->ptr[0] != c)
        return false;
    *at = (struct str){at->ptr + 1, at->len - 1};
    return true;
}

/* 1 to 16 digits, no zero in front. */
static bool take_time(struct str *at, int64_t *out)
{
    size_t len = 0;
    *out = 0;
    for (; len < at->len && at->ptr[len] >= '0' && at->ptr[len] <= '9' && len < 16; len++)
        *out = *out * 10 + (at->ptr[len] - '0');
    if (len == 0 || (len > 1 && at->ptr[0] == '0'))
        return false;
    *at = (struct str){at->ptr + len, at->len - len};
    return true;
}

static bool take_key(struct str *at, struct dated_key *out)
{
    uint8_t id[4];
    if (!take_hex(at, sizeof(id), id) || !take_char(at, ' ') || !take_time(at, &out->made_ms) ||
        !take_char(at, ' ') || !take_hex(at, SEAL_KEY_BYTES, out->key.bytes) ||
        !take_char(at, '\n'))
        return false;
    out->key.id = (uint32_t)id[0] << 24 | (uint32_t)id[1] << 16 | (uint32_t)id[2] << 8 | id[3];
    return out->key.id != 0;
}

bool key_text_read(struct str text, struct key_list *out)
{
    out->count = 0;
    if (!str_starts(text, STR(FIRST_LINE)))
        return false;
    struct str at = {text.ptr + sizeof(FIRST_LINE) - 1, text.len - (sizeof(FIRST_LINE) - 1)};
    while (at.len && out->count < MAX_KEYS) {
        struct dated_key *next = &out->list[out->count];
        if (!take_key(&at, next) || key_list_find(out, next->key.id))
            return false;
        out->count++;
    }
    return out->count > 0 && at.len == 0;
}

static void add_hex(struct buffer *out, const uint8_t *bytes, size_t count)
{
    for (size_t i = 0; i < count; i++) {
        buffer_add_char(out, digits[bytes[i] >> 4]);
        buffer_add_char(out, digits[bytes[i] & 15]);
    }
}

void key_text_write(const struct key_list *keys, struct buffer *out)
{
    buffer_add_str(out, STR(FIRST_LINE));
    for (size_t i = 0; i < keys->count; i++) {
        uint32_t id = keys->list[i].key.id;
        uint8_t bytes[4] = {(uint8_t)(id >> 24), (uint8_t)(id >> 16), (uint8_t)(id >> 8),
                            (uint8_t)id};
        add_hex(out, bytes, sizeof(bytes));
        buffer_add_char(out, ' ');
        buffer_add_i64(out, keys->list[i].made_ms);
        buffer_add_char(out, ' ');
        add_hex(out, keys->list[i].key.bytes, SEAL_KEY_BYTES);
        buffer_add_char(out, '\n');
    }
}
