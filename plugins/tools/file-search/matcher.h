/*
 * matcher.h - finds the lines of a text that hold what is looked for.
 *
 * SPDX-License-Identifier: MIT
 */
#pragma once

#include "regex.h"
#include "request.h"

struct matcher;

/* Makes it for pattern, use_regex and case_sensitive of the request, which must outlive it.
 * `stop` is asked during long searches. */
int32_t matcher_new(const struct request *request, regex_stop *stop, void *arg,
                    struct matcher **ret, hexmcp_error *err);
void matcher_free(struct matcher *matcher);

/* A line that matches: it is data[begin..end) without its line end; its first match is
 * [match_begin, match_end); the next line begins at `next`. */
struct line {
    size_t begin, end, next;
    size_t match_begin, match_end;
};

/* The first line that matches at or after `from`, where a line begins. A match never reaches into
 * another line. REGEX_FOUND; REGEX_NONE; REGEX_STOPPED; REGEX_TOO_HARD if a line takes too many
 * steps: the search can go on at line->next. */
int matcher_next(struct matcher *matcher, const char *data, size_t len, size_t from,
                 struct line *line);
