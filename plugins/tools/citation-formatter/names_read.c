/*
 * SPDX-License-Identifier: MIT
 */
#include "names_read.h"

#include "latex.h"

#include <ctype.h>
#include <string.h>
#include <strings.h>

/* Stands for a space in braces while a name is split: "{García López}" is one family name. */
#define KEPT_SPACE '\x1f'

/* Whether a command of LaTeX, which takes spaces behind it, ends before `at`. */
static bool is_behind_command(const char *text, size_t at)
{
    while (at > 0 && isalpha((unsigned char)text[at - 1]))
        at--;
    return at > 0 && text[at - 1] == '\\';
}

static char *plain(struct library *l, const char *text, size_t len)
{
    char *copy = library_text(l, text, len), *out = library_memory(l, 3 * len + 1);
    int depth = 0;
    if (!copy || !out)
        return NULL;
    for (size_t i = 0; i < len; i++) {
        depth += copy[i] == '{' ? 1 : copy[i] == '}' ? -1 : 0;
        if (depth > 0 && copy[i] == ' ' && !is_behind_command(copy, i))
            copy[i] = KEPT_SPACE;
    }
    latex_plain(copy, len, out);
    return out;
}

/* The texts are the library's, which only lends them. */
static void give_spaces(const char *text)
{
    for (char *at = (char *)text; at && (at = strchr(at, KEPT_SPACE)) != NULL;)
        *at = ' ';
}

static const char *or_null(const char *text)
{
    return text && *text ? text : NULL;
}

static char *trimmed(struct library *l, const char *text, size_t len)
{
    while (len && text[0] == ' ') {
        text++;
        len--;
    }
    while (len && text[len - 1] == ' ')
        len--;
    return library_text(l, text, len);
}

/* Words in small letters before the last one are a particle: "van der Berg". */
static void split_family(struct library *l, const char *text, struct person *p)
{
    const char *family = text;
    while (islower((unsigned char)*family) && strchr(family, ' '))
        family = strchr(family, ' ') + 1;
    p->family = family;
    if (family > text)
        p->particle = trimmed(l, text, (size_t)(family - text));
}

/* "First von Last". */
static void split_natural(struct library *l, const char *text, struct person *p)
{
    const char *family = strrchr(text, ' ');
    family = family ? family + 1 : text;
    for (const char *at = text; (at = strchr(at, ' ')) != NULL;) {
        at++;
        if (islower((unsigned char)*at) && at < family) {
            family = at;
            break;
        }
    }
    if (islower((unsigned char)text[0]) && strchr(text, ' '))
        family = text;
    if (family > text)
        p->given = or_null(trimmed(l, text, (size_t)(family - text)));
    split_family(l, family, p);
}

static void split(struct library *l, const char *text, struct person *p)
{
    const char *first = strchr(text, ','), *second = first ? strchr(first + 1, ',') : NULL;
    if (!first) {
        split_natural(l, text, p);
        return;
    }
    const char *given = second ? second + 1 : first + 1;
    char *family = trimmed(l, text, (size_t)(first - text));
    p->given = or_null(trimmed(l, given, strlen(given)));
    if (second)
        p->suffix = or_null(trimmed(l, first + 1, (size_t)(second - first - 1)));
    if (family)
        split_family(l, family, p);
}

void name_read(struct library *l, const char *text, struct people *people)
{
    char *name = trimmed(l, text, strlen(text));
    struct person *p = name && *name ? library_add_person(l, people) : NULL;
    if (!p)
        return;
    split(l, name, p);
    if (!p->family || !*p->family) {
        p->family = p->given ? p->given : name;
        p->given = NULL;
    }
}

/* `len` bytes, all in one pair of braces. */
static bool is_braced(const char *text, size_t len)
{
    int depth = 0;
    for (size_t i = 0; i < len; i++) {
        depth += text[i] == '{' ? 1 : text[i] == '}' ? -1 : 0;
        if (depth == 0 && i + 1 < len)
            return false;
    }
    return len >= 2 && text[0] == '{';
}

static void read_one(struct library *l, const char *text, size_t len, struct people *people)
{
    while (len && isspace((unsigned char)text[0])) {
        text++;
        len--;
    }
    while (len && isspace((unsigned char)text[len - 1]))
        len--;
    char *name = len ? plain(l, text, len) : NULL;
    if (!name || !*name)
        return;
    if (strcasecmp(name, "others") == 0) {
        people->others = people->count > 0;
        return;
    }
    size_t before = people->count;
    if (!is_braced(text, len))
        name_read(l, name, people);
    else if (library_add_person(l, people))
        people->at[before].family = name;
    for (size_t i = before; i < people->count; i++) {
        give_spaces(people->at[i].family);
        give_spaces(people->at[i].given);
        give_spaces(people->at[i].particle);
        give_spaces(people->at[i].suffix);
    }
}

static bool is_and(const char *text, size_t len)
{
    return len >= 5 && isspace((unsigned char)text[0]) && strncasecmp(text + 1, "and", 3) == 0 &&
           isspace((unsigned char)text[4]);
}

void names_read_bibtex(struct library *l, const char *text, size_t len, struct people *people)
{
    size_t from = 0;
    int depth = 0;
    for (size_t i = 0; i < len; i++) {
        depth += text[i] == '{' ? 1 : text[i] == '}' ? -1 : 0;
        if (depth == 0 && is_and(text + i, len - i)) {
            read_one(l, text + from, i - from, people);
            from = i + 4;
            i += 3;
        }
    }
    read_one(l, text + from, len - from, people);
}
