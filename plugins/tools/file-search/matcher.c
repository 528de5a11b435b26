/*
 * A regular expression is first tried on many lines at once, which is many times faster than on each,
 * and then on the line where it matched, which alone counts. That is no way for expressions that see
 * more than they match, or that do not give back what they took: they could miss in the whole what
 * is in a line. Nor is it for those whose matches reach over many lines.
 *
 * SPDX-License-Identifier: MIT
 */
#include "matcher.h"

#include "hexmcp/json.h"

/* How much is tried at once. */
#define BLOCK_BYTES ((size_t)64 * 1024)

/*
 *   text      looked for as it is if `regex` is NULL
 *   by_line   the expression must be tried line by line
 */
struct matcher {
    hexmcp_str text;
    struct regex *regex;
    int by_line;
};

static int has(hexmcp_str text, const char *part)
{
    return memmem(text.ptr, text.len, part, strlen(part)) != NULL;
}

static int needs_lines(hexmcp_str pattern)
{
    static const char *const parts[] = {"\\A", "\\Z", "\\z", "\\G", "\\K", "(?<", "(?!", "(?=",
                                        "(?>", "(?s", "(?m", "(?-", "(?|", "(?(", "(?R", "(?^",
                                        "(*",  "*+",  "++",  "?+",  "}+",  "\\R", "\\X"};
    for (size_t i = 0; i < sizeof(parts) / sizeof(parts[0]); i++)
        if (has(pattern, parts[i]))
            return 1;
    return 0;
}

int32_t matcher_new(const struct request *request, regex_stop *stop, void *arg,
                    struct matcher **ret, hexmcp_error *err)
{
    hexmcp_str pattern = request->pattern;
    if (!request->use_regex && memchr(pattern.ptr, '\n', pattern.len))
        return hexmcp_fail(err, HEXMCP_E_INVALID,
                           "pattern has a line break in it, but lines are searched one by one; look "
                           "for one of its lines");
    struct matcher *matcher = calloc(1, sizeof(*matcher));
    if (!matcher)
        return hexmcp_fail(err, HEXMCP_E_NOMEM, "out of memory for the pattern; try again");
    matcher->text = pattern;
    int32_t status = HEXMCP_OK;
    if (request->use_regex || !request->case_sensitive)
        status = regex_new(pattern, request->use_regex ? REGEX_PATTERN : REGEX_LITERAL,
                           request->case_sensitive, "pattern", &matcher->regex, err);
    matcher->by_line = request->use_regex && needs_lines(pattern);
    if (status != HEXMCP_OK) {
        matcher_free(matcher);
        return status;
    }
    if (matcher->regex)
        regex_on_stop(matcher->regex, stop, arg);
    *ret = matcher;
    return HEXMCP_OK;
}

void matcher_free(struct matcher *matcher)
{
    if (!matcher)
        return;
    regex_free(matcher->regex);
    free(matcher);
}

/* The line that `at` is in, which begins at or after `from`. */
static void find_line(const char *data, size_t len, size_t from, size_t at, struct line *line)
{
    const char *before = memrchr(data + from, '\n', at - from);
    const char *after = memchr(data + at, '\n', len - at);
    line->begin = before ? (size_t)(before - data) + 1 : from;
    line->end = after ? (size_t)(after - data) : len;
    line->next = after ? line->end + 1 : len;
    if (line->end > line->begin && data[line->end - 1] == '\r')
        line->end--;
}

static int find_text(const struct matcher *matcher, const char *data, size_t len, size_t from,
                     struct line *line)
{
    const char *found = memmem(data + from, len - from, matcher->text.ptr, matcher->text.len);
    if (!found)
        return 0;
    line->match_begin = (size_t)(found - data);
    line->match_end = line->match_begin + matcher->text.len;
    find_line(data, len, from, line->match_begin, line);
    if (line->end < line->match_end) /* a match of the CR itself */
        line->end = line->match_end;
    return 1;
}

static int match_line(struct matcher *matcher, const char *data, struct line *line)
{
    size_t begin, end;
    int found = regex_find(matcher->regex, data + line->begin, line->end - line->begin, 0, &begin,
                           &end);
    if (found == 1) {
        line->match_begin = line->begin + begin;
        line->match_end = line->begin + end;
    }
    return found;
}

/* Returns at the first line that does not simply not match. */
static int try_lines(struct matcher *matcher, const char *data, size_t len, size_t from,
                     struct line *line)
{
    int found = REGEX_NONE;
    for (size_t at = from; at < len && found == REGEX_NONE; at = line->next) {
        find_line(data, len, at, at, line);
        found = match_line(matcher, data, line);
    }
    return found;
}

/* The end of a block of whole lines. */
static size_t block_end(const char *data, size_t len, size_t from)
{
    if (len - from <= BLOCK_BYTES)
        return len;
    const char *last = memrchr(data + from, '\n', BLOCK_BYTES);
    if (!last)
        last = memchr(data + from + BLOCK_BYTES, '\n', len - from - BLOCK_BYTES);
    return last ? (size_t)(last - data) + 1 : len;
}

/* Within data[from..end), a block. A line that is longer than what can be tried at once is tried
 * alone. */
static int find_in_block(struct matcher *matcher, const char *data, size_t end, size_t from,
                         struct line *line)
{
    size_t block = from, match_begin, match_end;
    while (from < end) {
        int found = REGEX_TOO_HARD;
        if (end - block <= REGEX_BYTES_MAX)
            found = regex_find(matcher->regex, data + block, end - block, from - block,
                               &match_begin, &match_end);
        if (found == REGEX_TOO_HARD)
            return try_lines(matcher, data, end, from, line);
        if (found != REGEX_FOUND || block + match_begin >= end)
            return found == REGEX_FOUND ? REGEX_NONE : found;
        find_line(data, end, from, block + match_begin, line);
        matcher->by_line = block + match_end > line->next;
        if (matcher->by_line)
            return try_lines(matcher, data, end, from, line);
        found = match_line(matcher, data, line);
        if (found != REGEX_NONE)
            return found;
        from = line->next;
    }
    return REGEX_NONE;
}

static int find_regex(struct matcher *matcher, const char *data, size_t len, size_t from,
                      struct line *line)
{
    int found = REGEX_NONE;
    while (from < len && found == REGEX_NONE) {
        if (matcher->by_line)
            return try_lines(matcher, data, len, from, line);
        size_t end = block_end(data, len, from);
        found = find_in_block(matcher, data, end, from, line);
        from = end;
    }
    return found;
}

int matcher_next(struct matcher *matcher, const char *data, size_t len, size_t from,
                 struct line *line)
{
    if (from >= len)
        return REGEX_NONE;
    return matcher->regex ? find_regex(matcher, data, len, from, line)
                          : find_text(matcher, data, len, from, line);
}
