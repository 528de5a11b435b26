/*
 * SPDX-License-Identifier: MIT
 */
#include "web-kit/selector.h"

#include <string.h>
#include <strings.h>

struct reading {
    const char *at;
    int depth;
};

static bool list(struct reading *r, bool relative);

static bool is_blank(char c)
{
    return c == ' ' || c == '\t' || c == '\n' || c == '\r' || c == '\f';
}

static bool skip_blanks(struct reading *r)
{
    const char *from = r->at;
    while (is_blank(*r->at))
        r->at++;
    return r->at > from;
}

static bool is_name_start(char c)
{
    return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || c == '_' || (unsigned char)c >= 0x80;
}

static bool is_name(char c)
{
    return is_name_start(c) || (c >= '0' && c <= '9') || c == '-';
}

/* An identifier; its length, or 0. */
static size_t name(struct reading *r)
{
    const char *from = r->at, *at = from + (*from == '-');
    if (!is_name_start(*at))
        return 0;
    while (is_name(*at))
        at++;
    r->at = at;
    return (size_t)(at - from);
}

static bool take(struct reading *r, char c)
{
    if (*r->at != c)
        return false;
    r->at++;
    return true;
}

static bool quoted(struct reading *r)
{
    char quote = *r->at++;
    while (*r->at && *r->at != quote && *r->at != '\\' && *r->at != '\n')
        r->at++;
    return take(r, quote);
}

/* [name], [name=value], [name^="value" i] */
static bool attribute(struct reading *r)
{
    skip_blanks(r);
    if (!name(r))
        return false;
    skip_blanks(r);
    if (take(r, ']'))
        return true;
    if (strchr("~|^$*", *r->at) && *r->at)
        r->at++;
    if (!take(r, '='))
        return false;
    skip_blanks(r);
    if (*r->at == '"' || *r->at == '\'' ? !quoted(r) : !name(r))
        return false;
    skip_blanks(r);
    if ((*r->at == 'i' || *r->at == 'I') && !is_name(r->at[1]))
        r->at++;
    skip_blanks(r);
    return take(r, ']');
}

static bool digits(struct reading *r)
{
    const char *from = r->at;
    while (*r->at >= '0' && *r->at <= '9' && r->at - from < 6)
        r->at++;
    return r->at > from && !(*r->at >= '0' && *r->at <= '9');
}

static bool word(struct reading *r, const char *text)
{
    size_t len = strlen(text);
    if (strncasecmp(r->at, text, len) != 0 || is_name(r->at[len]))
        return false;
    r->at += len;
    return true;
}

/* odd, even, 3, 2n, 2n+1, -n+3 */
static bool nth(struct reading *r)
{
    skip_blanks(r);
    if (word(r, "odd") || word(r, "even"))
        return skip_blanks(r), take(r, ')');
    bool sign = take(r, '-') || take(r, '+');
    bool number = digits(r);
    (void)sign;
    if (*r->at == 'n' || *r->at == 'N') {
        r->at++;
        skip_blanks(r);
        if (*r->at == '+' || *r->at == '-') {
            r->at++;
            skip_blanks(r);
            if (!digits(r))
                return false;
        }
        number = true;
    }
    skip_blanks(r);
    return number && take(r, ')');
}

static bool is_one_of(const char *text, size_t len, const char *const *names)
{
    for (; *names; names++)
        if (strlen(*names) == len && strncasecmp(text, *names, len) == 0)
            return true;
    return false;
}

static bool pseudo(struct reading *r)
{
    static const char *const lists[] = {"not", "has", "matches", NULL};
    static const char *const numbers[] = {"nth-child", "nth-last-child", "nth-of-type",
                                          "nth-last-of-type", NULL};
    static const char *const classes[] = {
        "any-link",    "blank",      "checked",      "disabled",   "empty",        "first-child",
        "first-of-type", "last-child", "last-of-type", "link", "only-child", "only-of-type",
        "required",    "root",       NULL};
    const char *text = r->at;
    size_t len = name(r);
    if (!take(r, '('))
        return is_one_of(text, len, classes);
    if (is_one_of(text, len, numbers))
        return nth(r);
    if (!is_one_of(text, len, lists) || ++r->depth > SELECTOR_DEEPEST)
        return false;
    bool good = list(r, strncasecmp(text, "has", 3) == 0) && take(r, ')');
    r->depth--;
    return good;
}

/* div#id.class[attribute]:first-child */
static bool compound(struct reading *r)
{
    bool any = take(r, '*') || name(r) > 0;
    for (;; any = true) {
        bool good = true;
        if (take(r, '#') || take(r, '.'))
            good = name(r) > 0;
        else if (take(r, '['))
            good = attribute(r);
        else if (take(r, ':'))
            good = pseudo(r);
        else
            return any;
        if (!good)
            return false;
    }
}

static bool is_end(const struct reading *r)
{
    return *r->at == '\0' || *r->at == ',' || *r->at == ')';
}

static bool combinator(struct reading *r)
{
    if (*r->at != '>' && *r->at != '+' && *r->at != '~')
        return false;
    r->at++;
    skip_blanks(r);
    return true;
}

/* a > b c + d; one of :has() may begin with a combinator. */
static bool chain(struct reading *r, bool relative)
{
    skip_blanks(r);
    if (relative)
        combinator(r);
    for (int steps = 0; steps <= SELECTOR_STEPS; steps++) {
        if (!compound(r))
            return false;
        bool blank = skip_blanks(r);
        if (is_end(r))
            return true;
        if (!combinator(r) && !blank)
            return false;
    }
    return false;
}

static bool list(struct reading *r, bool relative)
{
    do
        if (!chain(r, relative))
            return false;
    while (take(r, ','));
    return true;
}

bool selector_is_good(const char *text)
{
    struct reading r = {.at = text};
    return strlen(text) <= SELECTOR_LONGEST && list(&r, false) && *r.at == '\0';
}
