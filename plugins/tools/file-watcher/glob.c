/*
 * SPDX-License-Identifier: MIT
 */
#include "glob.h"

#include <stddef.h>
#include <string.h>

/* `at` is behind "["; the place behind "]", NULL if there is none. */
static const char *in_class(const char *at, char c, bool *fits)
{
    bool negated = *at == '!' || *at == '^';
    const char *first = at += negated;
    *fits = false;
    for (; *at && (*at != ']' || at == first); at++) {
        if (at[1] == '-' && at[2] && at[2] != ']') {
            *fits |= (unsigned char)c >= (unsigned char)at[0] &&
                     (unsigned char)c <= (unsigned char)at[2];
            at += 2;
        } else {
            *fits |= c == *at;
        }
    }
    *fits ^= negated;
    return *at ? at + 1 : NULL;
}

/* One character of the text against what is not a star: the place behind in the pattern, or NULL. */
static const char *one(const char *pattern, char c)
{
    bool fits;
    const char *behind;
    if (*pattern == '?')
        return c != '/' ? pattern + 1 : NULL;
    if (*pattern == '[' && (behind = in_class(pattern + 1, c, &fits)))
        return fits && c != '/' ? behind : NULL;
    if (*pattern == '\\' && pattern[1])
        pattern++;
    return *pattern && *pattern == c ? pattern + 1 : NULL;
}

/* A star that was tried, and how much of the text it covers so far. */
struct star {
    const char *pattern, *text;
};

/* Behind "**" and a slash nothing need stand in between. */
static const char *behind_stars(const char *pattern)
{
    pattern += strspn(pattern, "*");
    return *pattern == '/' ? pattern + 1 : pattern;
}

static bool fits_whole(const char *pattern, const char *text)
{
    struct star near = {NULL, NULL}, far = {NULL, NULL};
    while (*text || *pattern) {
        const char *next;
        if (pattern[0] == '*' && pattern[1] == '*') {
            pattern = behind_stars(pattern);
            far = (struct star){pattern, text};
            near.pattern = NULL;
        } else if (*pattern == '*') {
            near = (struct star){++pattern, text};
        } else if (*text && (next = one(pattern, *text))) {
            pattern = next;
            text++;
        } else if (near.pattern && *near.text && *near.text != '/') {
            pattern = near.pattern;
            text = ++near.text;
        } else if (far.pattern && *far.text) {
            pattern = far.pattern;
            text = ++far.text;
            near.pattern = NULL;
        } else {
            return false;
        }
    }
    return true;
}

bool glob_fits(const char *pattern, const char *path)
{
    const char *slash = strrchr(path, '/');
    if (!strchr(pattern, '/') && slash)
        path = slash + 1;
    return fits_whole(pattern, path);
}

bool glob_is_closed(const char *pattern)
{
    bool fits;
    while (pattern && *pattern)
        if (*pattern == '[')
            pattern = in_class(pattern + 1, 'x', &fits);
        else
            pattern += *pattern == '\\' && pattern[1] ? 2 : 1;
    return pattern != NULL;
}
