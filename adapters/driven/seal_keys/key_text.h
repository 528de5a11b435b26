/*
 * The text of the key file: a first line that names the format, then a line for each key, the
 * oldest first and the current one last:
 *
 *   hexmcp seal keys 1
 *   <id, 8 hex digits> <made, milliseconds since 1970> <key, 64 hex digits>
 */
#pragma once

#include "core/base/buffer.h"
#include "ports/driven/seal_keys.h"

#define MAX_KEYS 8
#define MAX_KEY_TEXT 1024

struct dated_key {
    struct seal_key key;
    int64_t made_ms;
};

struct key_list {
    struct dated_key list[MAX_KEYS];
    size_t count;
};

/* False (and `out` undefined) for any text that key_text_write would not have written. */
bool key_text_read(struct str text, struct key_list *out);

void key_text_write(const struct key_list *keys, struct buffer *out);

/* NULL if there is none. */
const struct dated_key *key_list_find(const struct key_list *keys, uint32_t id);
