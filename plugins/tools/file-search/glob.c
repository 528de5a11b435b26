/*
 * A glob becomes a regular expression.
 *
 * SPDX-License-Identifier: MIT
 */
#include "glob.h"
#include "regex.h"

#include "hexmcp/json.h"

#define GLOB_BYTES_MAX 400

/* The longest replacement for a byte. */
#define GROWTH 9

struct glob {
    char *text; /* the regular expression */
    struct regex *regex;
    int is_path;
};

/* The translation in the making. */
struct writing {
    hexmcp_str glob;
    size_t at;
    char *text;
    size_t len;
    int braces;
};

static void put(struct writing *w, const char *text)
{
    size_t len = strlen(text);
    memcpy(w->text + w->len, text, len);
    w->len += len;
}

/* A byte that means itself. */
static void put_byte(struct writing *w, char byte)
{
    if (strchr("\\^$.[]|()?*+{}-#", byte) && byte != '\0')
        w->text[w->len++] = '\\';
    w->text[w->len++] = byte;
}

static int is_at(const struct writing *w, size_t at, char byte)
{
    return at < w->glob.len && w->glob.ptr[at] == byte;
}

static void put_stars(struct writing *w)
{
    size_t begin = w->at;
    while (is_at(w, w->at, '*'))
        w->at++;
    if (w->at - begin == 1) {
        put(w, "[^/]*");
    } else if ((begin == 0 || w->glob.ptr[begin - 1] == '/') && is_at(w, w->at, '/')) {
        put(w, "(?:.*/)?");
        w->at++;
    } else {
        put(w, ".*");
    }
}

/* Where the set that begins at w->at ends; 0 if it does not. */
static size_t set_end(const struct writing *w)
{
    size_t at = w->at + 1;
    if (is_at(w, at, '!') || is_at(w, at, '^'))
        at++;
    if (is_at(w, at, ']'))
        at++;
    while (at < w->glob.len && w->glob.ptr[at] != ']')
        at++;
    return at < w->glob.len ? at : 0;
}

static int put_set(struct writing *w)
{
    size_t end = set_end(w);
    if (end == 0)
        return 0;
    put(w, "(?!/)[");
    w->at++;
    if (is_at(w, w->at, '!') || is_at(w, w->at, '^')) {
        w->text[w->len++] = '^';
        w->at++;
    }
    for (; w->at < end; w->at++) {
        char byte = w->glob.ptr[w->at];
        if (strchr("\\]^[", byte) && byte != '\0')
            w->text[w->len++] = '\\';
        w->text[w->len++] = byte;
    }
    w->text[w->len++] = ']';
    w->at++;
    return 1;
}

static int put_next(struct writing *w)
{
    char byte = w->glob.ptr[w->at];
    if (byte == '*') {
        put_stars(w);
        return 1;
    }
    if (byte == '[')
        return put_set(w);
    w->at++;
    if (byte == '?') {
        put(w, "[^/]");
    } else if (byte == '{') {
        w->braces++;
        put(w, "(?:");
    } else if (byte == '}' && w->braces > 0) {
        w->braces--;
        put(w, ")");
    } else if (byte == ',' && w->braces > 0) {
        put(w, "|");
    } else {
        if (byte == '\\' && w->at < w->glob.len)
            byte = w->glob.ptr[w->at++];
        put_byte(w, byte);
    }
    return 1;
}

static int translate(struct writing *w)
{
    int good = 1;
    put(w, "\\A(?:");
    while (w->at < w->glob.len && good)
        good = put_next(w);
    put(w, ")\\z");
    return good && w->braces == 0;
}

static int32_t fill(struct glob *glob, hexmcp_str pattern, const char *name, hexmcp_error *err)
{
    struct writing w = {.glob = pattern, .text = glob->text};
    if (!translate(&w))
        return hexmcp_fail(err, HEXMCP_E_INVALID,
                           "%s has the pattern \"%.*s\" with a [ or { that is not closed; close it, "
                           "or put \\ before it",
                           name, (int)pattern.len, pattern.ptr);
    glob->is_path = memchr(pattern.ptr, '/', pattern.len) != NULL;
    int32_t status =
        regex_new((hexmcp_str){w.text, w.len}, REGEX_GLOB, 1, name, &glob->regex, NULL);
    if (status == HEXMCP_E_NOMEM)
        return hexmcp_fail(err, status, "out of memory for the patterns; try again");
    if (status != HEXMCP_OK)
        return hexmcp_fail(err, status, "%s has the pattern \"%.*s\", which is none; correct it",
                           name, (int)pattern.len, pattern.ptr);
    return HEXMCP_OK;
}

int32_t glob_new(hexmcp_str pattern, const char *name, struct glob **ret, hexmcp_error *err)
{
    if (pattern.len == 0 || pattern.len > GLOB_BYTES_MAX)
        return hexmcp_fail(err, HEXMCP_E_INVALID,
                           "%s has a pattern of %zu bytes; give 1 to %d for each", name,
                           pattern.len, GLOB_BYTES_MAX);
    struct glob *glob = calloc(1, sizeof(*glob));
    if (glob)
        glob->text = malloc(pattern.len * GROWTH + 16);
    if (!glob || !glob->text) {
        glob_free(glob);
        return hexmcp_fail(err, HEXMCP_E_NOMEM, "out of memory for the patterns; try again");
    }
    int32_t status = fill(glob, pattern, name, err);
    if (status == HEXMCP_OK)
        *ret = glob;
    else
        glob_free(glob);
    return status;
}

void glob_free(struct glob *glob)
{
    if (!glob)
        return;
    regex_free(glob->regex);
    free(glob->text);
    free(glob);
}

int glob_matches(struct glob *glob, const char *path, const char *name)
{
    size_t begin, end;
    const char *text = glob->is_path ? path : name;
    return regex_find(glob->regex, text, strlen(text), 0, &begin, &end) == REGEX_FOUND;
}
