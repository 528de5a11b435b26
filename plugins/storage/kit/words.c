/*
 * words.c - see words.h.
 *
 * SPDX-License-Identifier: MIT
 */
#include "kit/words.h"

#include "hexmcp/json.h"

#include <math.h>
#include <stdlib.h>
#include <string.h>

/* The character at *at, which moves behind it. A byte that is no UTF-8 divides words as a space. */
static uint32_t next_character(hexmcp_str text, size_t *at)
{
    const unsigned char *s = (const unsigned char *)text.ptr + *at;
    size_t n = hexmcp_json_utf8_(s, text.len - *at), i;
    uint32_t c = n == 1 ? s[0] : n == 2 ? s[0] & 0x1Fu : n == 3 ? s[0] & 0x0Fu : s[0] & 0x07u;
    *at += n > 0 ? n : 1;
    if (n == 0)
        return ' ';
    for (i = 1; i < n; i++)
        c = c << 6 | (s[i] & 0x3Fu);
    return c;
}

static int in_word(uint32_t c)
{
    if (c < 0x80)
        return (c >= '0' && c <= '9') || (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z');
    if (c < 0xC0)
        return c == 0xAA || c == 0xB5 || c == 0xBA;
    return c != 0xD7 && c != 0xF7 && !(c >= 0x2000 && c <= 0x2BFF) && !(c >= 0x3000 && c <= 0x303F) &&
           !(c >= 0xFF00 && c <= 0xFF0F) && !(c >= 0xFE10 && c <= 0xFE6F) &&
           !(c >= 0x1F000 && c <= 0x1FAFF);
}

static uint32_t lower(uint32_t c)
{
    if ((c >= 'A' && c <= 'Z') || (c >= 0xC0 && c <= 0xDE) || (c >= 0x391 && c <= 0x3AB) ||
        (c >= 0x410 && c <= 0x42F))
        return c + 0x20;
    if (c >= 0x400 && c <= 0x40F)
        return c + 0x50;
    if ((c >= 0x139 && c <= 0x148) || (c >= 0x179 && c <= 0x17E))
        return c + (c & 1);
    if ((c >= 0x100 && c <= 0x137) || (c >= 0x14A && c <= 0x177) || (c >= 0x460 && c <= 0x4FF))
        return c | 1;
    return c == 0x3C2 ? 0x3C3 : c;
}

static size_t encode(uint32_t c, char *out)
{
    return (size_t)hexmcp_json_encode_utf8_((int32_t)c, out);
}

int words_next(hexmcp_str text, size_t *at, struct word *out)
{
    size_t next = *at;
    uint32_t c = 0;
    while (*at < text.len && !in_word(c = next_character(text, &next)))
        *at = next;
    if (*at >= text.len)
        return 0;
    out->at = *at;
    out->len = 0;
    for (;;) {
        if (out->len < WORD_MAX)
            out->len += encode(lower(c), out->text + out->len);
        *at = next;
        if (next >= text.len || !in_word(c = next_character(text, &next)))
            break;
    }
    out->end = *at;
    out->text[out->len] = '\0';
    return 1;
}

static int by_bytes(const void *x, const void *y)
{
    const struct term *a = x, *b = y;
    size_t n = a->word.len < b->word.len ? a->word.len : b->word.len;
    int order = memcmp(a->word.ptr, b->word.ptr, n);
    return order != 0 ? order : (a->word.len > b->word.len) - (a->word.len < b->word.len);
}

int32_t words_terms(struct arena *arena, hexmcp_str text, struct term **out, size_t *count,
                    size_t *total, hexmcp_error *err)
{
    struct word word;
    size_t at, n = 0, i, kept = 0;
    struct term *terms;
    for (at = 0; words_next(text, &at, &word);)
        n++;
    terms = arena_get(arena, n * sizeof(*terms) + 1);
    if (!terms)
        return job_no_memory(err);
    for (at = 0, i = 0; i < n && words_next(text, &at, &word); i++) {
        terms[i].word = arena_copy(arena, (hexmcp_str){word.text, word.len});
        terms[i].count = 1;
        if (!terms[i].word.ptr)
            return job_no_memory(err);
    }
    if (n > 0)
        qsort(terms, n, sizeof(*terms), by_bytes);
    for (i = 0; i < n; i++)
        if (kept > 0 && by_bytes(&terms[kept - 1], &terms[i]) == 0)
            terms[kept - 1].count++;
        else
            terms[kept++] = terms[i];
    *out = terms;
    *count = kept;
    *total = n;
    return HEXMCP_OK;
}

double words_score(uint32_t count, double length, double average, double with, double documents)
{
    const double k = 1.2, b = 0.75;
    double rare = log(1.0 + (documents - with + 0.5) / (with + 0.5));
    double often = count * (k + 1) / (count + k * (1 - b + b * length / (average > 0 ? average : 1)));
    return rare * often;
}
