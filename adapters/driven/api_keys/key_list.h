/* The keys as they stand in the file. */
#pragma once

#include "adapters/driven/api_keys/api_keys.h"
#include "core/base/buffer.h"

struct api_key_list {
    struct arena arena; /* of all the strings */
    struct api_key *keys;
    size_t count, cap;
};

#define API_KEY_LIST_INIT {ARENA_INIT, NULL, 0, 0}

void api_key_list_clear(struct api_key_list *list);

/* Adds a copy. False without memory. */
bool api_key_list_add(struct api_key_list *list, const struct api_key *key);

struct api_key *api_key_list_find(const struct api_key_list *list, struct str id);

/* True for what can be a name, a tenant, or one scope: 1 to API_KEY_WORD_MAX bytes of UTF-8 without
 * control characters. */
bool api_key_word(struct str text);

/* Scopes: words of visible ASCII, separated by one space. */
bool api_key_scopes(struct str text);

/* Adds the keys of the text; false if it is not what is written here, or without memory. */
bool api_key_list_read(struct str text, struct api_key_list *list);

void api_key_list_write(const struct api_key_list *list, struct buffer *out);
