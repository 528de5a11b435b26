/*
 * SPDX-License-Identifier: MIT
 */
#include "lexer.h"

#include <ctype.h>
#include <stdbool.h>
#include <string.h>

static void skip(struct lexer *l, size_t len)
{
    for (size_t i = 0; i < len; i++)
        if (l->rest.ptr[i] == '\n' || (l->rest.ptr[i] == '\r' &&
                                       !(i + 1 < l->rest.len && l->rest.ptr[i + 1] == '\n')))
            l->line++;
    l->rest.ptr += len;
    l->rest.len -= len;
}

static bool begins(const struct lexer *l, const char *text)
{
    return l->rest.len >= strlen(text) && memcmp(l->rest.ptr, text, strlen(text)) == 0;
}

/* White space, commas, comments, byte order marks. */
static void skip_ignored(struct lexer *l)
{
    while (l->rest.len > 0) {
        char c = l->rest.ptr[0];
        size_t len = 0;
        if (begins(l, "\xEF\xBB\xBF"))
            len = 3;
        else if (c == '#')
            while (len < l->rest.len && l->rest.ptr[len] != '\n' && l->rest.ptr[len] != '\r')
                len++;
        else if (c == ' ' || c == '\t' || c == '\n' || c == '\r' || c == ',')
            len = 1;
        if (len == 0)
            return;
        skip(l, len);
    }
}

static struct token take(struct lexer *l, enum token_kind kind, size_t len)
{
    struct token token = {kind, {l->rest.ptr, len}};
    skip(l, len);
    return token;
}

static struct token block_string(struct lexer *l)
{
    for (size_t i = 3; i + 3 <= l->rest.len; i++) {
        if (memcmp(l->rest.ptr + i, "\"\"\"", 3) != 0)
            continue;
        if (l->rest.ptr[i - 1] != '\\')
            return take(l, TOKEN_STRING, i + 3);
        i += 2;
    }
    return take(l, TOKEN_WRONG, 3);
}

static struct token string(struct lexer *l)
{
    if (begins(l, "\"\"\""))
        return block_string(l);
    for (size_t i = 1; i < l->rest.len; i++) {
        char c = l->rest.ptr[i];
        if (c == '"')
            return take(l, TOKEN_STRING, i + 1);
        if (c == '\n' || c == '\r')
            break;
        if (c == '\\')
            i++;
    }
    return take(l, TOKEN_WRONG, 1);
}

static bool is_name(char c)
{
    return isalnum((unsigned char)c) || c == '_';
}

static struct token word(struct lexer *l)
{
    bool number = isdigit((unsigned char)l->rest.ptr[0]) || l->rest.ptr[0] == '-';
    size_t len = 1;
    while (len < l->rest.len &&
           (is_name(l->rest.ptr[len]) ||
            (number && (l->rest.ptr[len] == '.' || l->rest.ptr[len] == '+' || l->rest.ptr[len] == '-'))))
        len++;
    return take(l, number ? TOKEN_NUMBER : TOKEN_NAME, len);
}

struct token lexer_next(struct lexer *l)
{
    skip_ignored(l);
    if (l->rest.len == 0)
        return (struct token){TOKEN_END, l->rest};
    char c = l->rest.ptr[0];
    if (c == '"')
        return string(l);
    if (is_name(c) || c == '-')
        return word(l);
    if (begins(l, "..."))
        return take(l, TOKEN_PUNCTUATOR, 3);
    return take(l, c && strchr("!$&()/:=@[]{|}", c) && c != '/' ? TOKEN_PUNCTUATOR : TOKEN_WRONG, 1);
}
