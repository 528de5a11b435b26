/*
 * SPDX-License-Identifier: MIT
 */
#include "words.h"
#include "casing.h"
#include "utf8.h"

#include <utf8proc.h>

enum kind { SEPARATOR, APOSTROPHE, CAPITAL, SMALL, DIGIT, MARK };

static enum kind kind_of(int32_t code_point)
{
    if (code_point == '\'' || code_point == 0x2019)
        return APOSTROPHE;
    switch (utf8proc_category(code_point)) {
    case UTF8PROC_CATEGORY_LU:
    case UTF8PROC_CATEGORY_LT:
        return CAPITAL;
    case UTF8PROC_CATEGORY_LL:
    case UTF8PROC_CATEGORY_LM:
    case UTF8PROC_CATEGORY_LO:
        return SMALL;
    case UTF8PROC_CATEGORY_ND:
    case UTF8PROC_CATEGORY_NL:
    case UTF8PROC_CATEGORY_NO:
        return DIGIT;
    case UTF8PROC_CATEGORY_MN:
    case UTF8PROC_CATEGORY_MC:
    case UTF8PROC_CATEGORY_ME:
        return MARK;
    default:
        return SEPARATOR;
    }
}

/* The kind of the first code point from `pos` on that is no mark. */
static enum kind kind_ahead(hexmcp_str text, size_t pos)
{
    while (pos < text.len) {
        enum kind kind = kind_of(utf8_next(text, &pos));
        if (kind != MARK)
            return kind;
    }
    return SEPARATOR;
}

static int is_inside(enum kind kind)
{
    return kind == CAPITAL || kind == SMALL || kind == DIGIT;
}

/* Whether a capital that ends at `end` begins a new word behind a code point of kind `last`. */
static int begins_word(enum kind last, hexmcp_str text, size_t end)
{
    return last == SMALL || last == DIGIT || (last == CAPITAL && kind_ahead(text, end) == SMALL);
}

/* Copies the next word at *pos into `word`, without apostrophes; 0 if there is none left. */
static int next_word(hexmcp_str text, size_t *pos, struct output *word)
{
    enum kind last = SEPARATOR;
    word->len = 0;
    while (*pos < text.len) {
        size_t start = *pos;
        size_t end = start;
        enum kind kind = kind_of(utf8_next(text, &end));
        if (kind == CAPITAL && begins_word(last, text, end))
            break;
        if (kind == APOSTROPHE && last != SEPARATOR && is_inside(kind_ahead(text, end))) {
            *pos = end;
            continue;
        }
        if (!is_inside(kind) && (kind != MARK || last == SEPARATOR)) {
            if (last != SEPARATOR)
                break;
            *pos = end;
            continue;
        }
        output_put(word, utf8_slice(text, start, end));
        *pos = end;
        if (kind != MARK)
            last = kind;
    }
    return word->len > 0;
}

typedef void put_word_fn(hexmcp_str word, size_t index, struct output *out);

static void each_word(hexmcp_str text, put_word_fn *put, struct output *out)
{
    struct output word = {.limit = out->limit};
    size_t pos = 0;
    for (size_t index = 0; next_word(text, &pos, &word) && out->status == HEXMCP_OK; index++)
        put((hexmcp_str){word.ptr, word.len}, index, out);
    if (out->status == HEXMCP_OK)
        out->status = word.status;
    output_clear(&word);
}

static void put_snake(hexmcp_str word, size_t index, struct output *out)
{
    if (index > 0)
        output_put(out, (hexmcp_str){"_", 1});
    casing_lower(word, out);
}

static void put_pascal(hexmcp_str word, size_t index, struct output *out)
{
    (void)index;
    casing_capital(word, out);
}

static void put_camel(hexmcp_str word, size_t index, struct output *out)
{
    if (index == 0)
        casing_lower(word, out);
    else
        casing_capital(word, out);
}

void words_snake(hexmcp_str text, struct output *out)
{
    each_word(text, put_snake, out);
}

void words_camel(hexmcp_str text, struct output *out)
{
    each_word(text, put_camel, out);
}

void words_pascal(hexmcp_str text, struct output *out)
{
    each_word(text, put_pascal, out);
}
