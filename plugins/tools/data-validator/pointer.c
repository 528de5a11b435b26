/*
 * SPDX-License-Identifier: MIT
 */
#include "pointer.h"

#include "hexmcp/json.h"

int32_t pointer_init(struct pointer *pointer)
{
    *pointer = (struct pointer){.text = calloc(1, 64), .cap = 64};
    return pointer->text ? HEXMCP_OK : HEXMCP_E_NOMEM;
}

void pointer_clear(struct pointer *pointer)
{
    free(pointer->text);
    *pointer = (struct pointer){0};
}

static void put(struct pointer *pointer, char c)
{
    if (pointer->len + 1 >= pointer->cap) {
        char *text = realloc(pointer->text, pointer->cap * 2);
        if (!text) {
            pointer->failed = 1;
            return;
        }
        pointer->text = text;
        pointer->cap *= 2;
    }
    pointer->text[pointer->len++] = c;
    pointer->text[pointer->len] = '\0';
}

static size_t push(struct pointer *pointer, const char *text, size_t len)
{
    size_t before = pointer->len;
    put(pointer, '/');
    for (size_t i = 0; i < len; i++) {
        if (text[i] == '~' || text[i] == '/') {
            put(pointer, '~');
            put(pointer, text[i] == '~' ? '0' : '1');
        } else {
            put(pointer, text[i]);
        }
    }
    return before;
}

size_t pointer_push_key(struct pointer *pointer, hexmcp_str key)
{
    char *text;
    size_t len;
    size_t before = pointer->len;
    if (hexmcp_json_string_dup(key, &text, &len) != HEXMCP_OK) {
        pointer->failed = 1;
        return before;
    }
    push(pointer, text, len);
    free(text);
    return before;
}

size_t pointer_push_index(struct pointer *pointer, size_t index)
{
    char text[24];
    int len = snprintf(text, sizeof(text), "%zu", index);
    return push(pointer, text, (size_t)len);
}

size_t pointer_push_name(struct pointer *pointer, const char *name)
{
    return push(pointer, name, strlen(name));
}

void pointer_pop(struct pointer *pointer, size_t len)
{
    pointer->len = len;
    pointer->text[len] = '\0';
}
