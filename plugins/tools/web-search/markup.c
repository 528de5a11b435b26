/*
 * SPDX-License-Identifier: MIT
 */
#include "markup.h"

#include <stdbool.h>
#include <stdlib.h>
#include <string.h>

#include "hexmcp/json.h"

static bool begins_tag(const char *at)
{
    char c = at[1] == '/' ? at[2] : at[1];
    return at[0] == '<' && ((c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z')) && strchr(at, '>');
}

/* The character of an entity at `at` into `out`; its length there, 0 if there is none. */
static size_t entity(const char *at, char out[4], size_t *written)
{
    static const char *const names[][2] = {{"&amp;", "&"},  {"&lt;", "<"},   {"&gt;", ">"},
                                           {"&quot;", "\""}, {"&nbsp;", " "}, {"&apos;", "'"}};
    for (size_t i = 0; i < sizeof(names) / sizeof(names[0]); i++)
        if (strncmp(at, names[i][0], strlen(names[i][0])) == 0) {
            out[0] = names[i][1][0];
            *written = 1;
            return strlen(names[i][0]);
        }
    if (at[0] != '&' || at[1] != '#')
        return 0;
    bool hex = at[2] == 'x' || at[2] == 'X';
    const char *digits = at + 2 + hex;
    char *end;
    long code = strtol(digits, &end, hex ? 16 : 10);
    /* Never longer than what it stands for. */
    if (end == digits || end - digits > 7 || *end != ';' || code < 0x20 || code > 0x10FFFF ||
        (code >= 0xD800 && code <= 0xDFFF))
        return 0;
    *written = (size_t)hexmcp_json_encode_utf8_((int32_t)code, out);
    return (size_t)(end - at) + 1;
}

static bool is_space(char c)
{
    return c == ' ' || c == '\t' || c == '\n' || c == '\r' || c == '\f' || c == '\v';
}

void markup_remove(char *text)
{
    char *out = text, character[4];
    bool blank = false;
    for (const char *at = text; *at;) {
        size_t written = 1, len = 1;
        if (begins_tag(at)) {
            at = strchr(at, '>') + 1;
            continue;
        }
        character[0] = *at;
        if (*at == '&') {
            len = entity(at, character, &written);
            len = len ? len : 1;
        }
        at += len;
        if (written == 1 && is_space(character[0])) {
            blank = out > text;
            continue;
        }
        if (blank)
            *out++ = ' ';
        blank = false;
        memcpy(out, character, written);
        out += written;
    }
    *out = '\0';
}

void markup_cut(char *text, size_t most)
{
    size_t len = strlen(text);
    if (len <= most)
        return;
    len = most - 3;
    while (len > 0 && ((unsigned char)text[len] & 0xC0) == 0x80)
        len--;
    memcpy(text + len, "...", 4);
}
