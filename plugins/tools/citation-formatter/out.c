/*
 * SPDX-License-Identifier: MIT
 */
#include "out.h"

#include <ctype.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#define CLOSING "”"
#define DASH "–"

static void add(struct out *o, const char *text, size_t len)
{
    if (!o->failed && !bytes_add(&o->b, text, len))
        o->failed = true;
}

void put(struct out *o, const char *text)
{
    add(o, text, strlen(text));
}

void putf(struct out *o, const char *format, ...)
{
    char text[16384];
    va_list list;
    va_start(list, format);
    int len = vsnprintf(text, sizeof(text), format, list);
    va_end(list);
    add(o, text, len < 0 ? 0 : (size_t)len < sizeof(text) ? (size_t)len : sizeof(text) - 1);
}

static bool ends(const char *text, size_t len)
{
    if (len >= strlen(CLOSING) && memcmp(text + len - strlen(CLOSING), CLOSING, strlen(CLOSING)) == 0)
        len -= strlen(CLOSING);
    return len && strchr(".?!", text[len - 1]);
}

void stop(struct out *o)
{
    if (o->b.len && !ends(o->b.ptr, o->b.len))
        put(o, ".");
}

void next(struct out *o)
{
    stop(o);
    if (o->b.len)
        put(o, " ");
}

void put_quoted(struct out *o, const char *text, char sign)
{
    char end[2] = {sign, '\0'};
    size_t len = strlen(text);
    bool ended = len && (strchr("?!", text[len - 1]) || (sign == '.' && text[len - 1] == '.'));
    putf(o, "“%s%s”", text, ended || !sign ? "" : end);
}

/* ---- headlines ------------------------------------------------------------------------------ */

static bool is_small_word(const char *word, size_t len)
{
    static const char *const small[] = {"a",  "an",  "and", "as",  "at",  "but",  "by", "for",  "from",
                                        "in", "into", "nor", "of", "on",  "onto", "or", "over", "so",
                                        "the", "till", "to", "up", "via", "with", "yet", "vs"};
    for (size_t i = 0; i < sizeof(small) / sizeof(small[0]); i++)
        if (strlen(small[i]) == len && strncmp(small[i], word, len) == 0)
            return true;
    return false;
}

/* Words that hold a large letter are as they should be. */
static bool has_large(const char *word, size_t len)
{
    for (size_t i = 0; i < len; i++)
        if (isupper((unsigned char)word[i]))
            return true;
    return false;
}

/* The first letter large, as far as it is of the Latin or Cyrillic alphabet; the rest as it is. */
static void put_large(struct out *o, const char *word, size_t len)
{
    unsigned char a = (unsigned char)word[0], b = len > 1 ? (unsigned char)word[1] : 0;
    char first[2] = {word[0], (char)b};
    size_t taken = 1;
    if (islower(a)) {
        first[0] = (char)toupper(a);
    } else if (a == 0xc3 && b >= 0xa0 && b != 0xb7 && b != 0xbf) {
        first[1] = (char)(b - 0x20);
        taken = 2;
    } else if (a == 0xd0 && b >= 0xb0) {
        first[1] = (char)(b - 0x20);
        taken = 2;
    } else if (a == 0xd1 && b >= 0x80 && b <= 0x8f) {
        first[0] = (char)0xd0;
        first[1] = (char)(b + 0x20);
        taken = 2;
    }
    add(o, first, taken);
    add(o, word + taken, len - taken);
}

static void put_word(struct out *o, const char *word, size_t len, bool always)
{
    if (has_large(word, len) || (is_small_word(word, len) && !always))
        add(o, word, len);
    else
        put_large(o, word, len);
}

void put_headline(struct out *o, const char *text)
{
    bool always = true;
    for (const char *at = text; *at;) {
        size_t len = strcspn(at, " -/");
        size_t letters = strcspn(at, " -/([\"");
        if (letters == 0 && len > 0) {
            add(o, at, 1);
            at++;
            continue;
        }
        size_t plain = len;
        while (plain && strchr(",.;:?!)", at[plain - 1]))
            plain--;
        if (plain)
            put_word(o, at, plain, always || at[len] == '\0');
        add(o, at + plain, len - plain);
        always = len > plain && strchr(":?!.", at[len - 1]);
        at += len;
        for (; *at && strchr(" -/", *at); at++)
            add(o, at, 1);
    }
}

/* ---- pages ---------------------------------------------------------------------------------- */

/* How much of `to` is shown after `from`, both digits of the same length. */
static size_t kept_digits(const char *from, const char *to, size_t len, enum ranges ranges)
{
    size_t same = 0, low = (size_t)atoi(from + (len > 2 ? len - 2 : 0));
    while (same < len && from[same] == to[same])
        same++;
    size_t changed = len - same;
    if (ranges == RANGES_WHOLE || len < 3 || same == 0)
        return len;
    if (ranges == RANGES_CHICAGO && low == 0)
        return len;
    if (ranges == RANGES_TWO || (ranges == RANGES_CHICAGO && low >= 10))
        return changed < 2 ? 2 : changed;
    return changed ? changed : 1;
}

static void put_range(struct out *o, const char *text, size_t len, enum ranges ranges)
{
    size_t first = strspn(text, "0123456789");
    if (first > len)
        first = len;
    size_t sign = strspn(text + first, "- ");
    if (strncmp(text + first + sign, DASH, strlen(DASH)) == 0)
        sign += strlen(DASH) + strspn(text + first + sign + strlen(DASH), " ");
    const char *to = text + first + sign;
    size_t second = strspn(to, "0123456789");
    if (first == 0 || sign == 0 || second == 0 || first + sign + second != len) {
        add(o, text, len);
        return;
    }
    size_t kept = first == second ? kept_digits(text, to, first, ranges) : second;
    add(o, text, first);
    put(o, DASH);
    add(o, to + second - kept, kept);
}

void put_pages(struct out *o, const char *pages, enum ranges ranges)
{
    for (const char *at = pages; *at;) {
        size_t len = strcspn(at, ",;");
        put_range(o, at, len, ranges);
        at += len;
        if (*at)
            put(o, ", ");
        at += *at != '\0';
        at += strspn(at, " ");
    }
}

bool are_many(const char *pages)
{
    return strpbrk(pages, "-,;") || strstr(pages, DASH);
}

void put_ordinal(struct out *o, const char *number)
{
    static const char *const endings[] = {"th", "st", "nd", "rd"};
    size_t len = strspn(number, "0123456789");
    int n = atoi(number) % 100;
    put(o, number);
    if (len && number[len] == '\0')
        put(o, n % 10 <= 3 && n / 10 != 1 ? endings[n % 10] : "th");
}
