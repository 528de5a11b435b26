/*
 * SPDX-License-Identifier: MIT
 */
#include "pointer.h"

#include <stdint.h>

bool pointer_valid(const char *pointer)
{
    if (*pointer && *pointer != '/')
        return false;
    for (const char *c = pointer; *c; c++)
        if (*c == '~' && c[1] != '0' && c[1] != '1')
            return false;
    return true;
}

/* A part of the pointer without its escapes, which make it longer alone. */
static void unescape(const char *part, size_t len, char *out)
{
    for (size_t i = 0; i < len; i++) {
        char c = part[i];
        if (c == '~' && i + 1 < len)
            c = part[++i] == '1' ? '/' : '~';
        *out++ = c;
    }
    *out = '\0';
}

/* SIZE_MAX for what is no place in an array. */
static size_t place(const char *name)
{
    size_t index = 0, digits = strspn(name, "0123456789");
    if (digits == 0 || digits > 9 || name[digits] || (digits > 1 && name[0] == '0'))
        return SIZE_MAX;
    for (; *name; name++)
        index = 10 * index + (size_t)(*name - '0');
    return index;
}

static bool step(hexmcp_str *at, const char *name)
{
    hexmcp_json_iter it = hexmcp_json_iter_begin(*at);
    hexmcp_str value;
    if (hexmcp_json_type(*at) == HEXMCP_JSON_OBJECT)
        return hexmcp_json_get(*at, name, at) == HEXMCP_OK;
    size_t index = place(name);
    if (hexmcp_json_type(*at) != HEXMCP_JSON_ARRAY || index == SIZE_MAX)
        return false;
    for (size_t i = 0; hexmcp_json_next(&it, NULL, &value); i++)
        if (i == index) {
            *at = value;
            return true;
        }
    return false;
}

bool pointer_find(hexmcp_str json, const char *pointer, hexmcp_str *out)
{
    char *name = malloc(strlen(pointer) + 1);
    bool found = name != NULL;
    while (found && *pointer) {
        size_t len = strcspn(pointer + 1, "/");
        unescape(pointer + 1, len, name);
        found = step(&json, name);
        pointer += len + 1;
    }
    free(name);
    if (found)
        *out = json;
    return found;
}
