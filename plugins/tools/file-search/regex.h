/*
 * regex.h - PCRE2 with limits, for one thread.
 *
 * SPDX-License-Identifier: MIT
 */
#pragma once

#include "hexmcp/abi.h"

struct regex;

enum regex_kind {
    REGEX_PATTERN, /* a pattern of somebody's                        */
    REGEX_LITERAL, /* exact text                                     */
    REGEX_GLOB     /* made by us of a pattern for paths, anchored    */
};

/* Compiles `text`, borrowed until regex_free(). `name` is the argument that it came from, for the
 * message. Errors: HEXMCP_E_INVALID with the place, HEXMCP_E_TOO_LARGE, HEXMCP_E_NOMEM. */
int32_t regex_new(hexmcp_str text, enum regex_kind kind, int case_sensitive, const char *name,
                  struct regex **ret, hexmcp_error *err);
void regex_free(struct regex *regex);

/* Asked again and again during long searches; 1 ends them. */
typedef int regex_stop(void *arg);

#define REGEX_NONE 0
#define REGEX_FOUND 1
#define REGEX_TOO_HARD (-1) /* it takes too many steps */
#define REGEX_STOPPED (-2)

/* The first match in data[from..len). REGEX_FOUND with its place, or another of the above. `data`
 * may hold any bytes; those that are no UTF-8 match nothing. Of more than REGEX_BYTES_MAX bytes only
 * the first are looked at, because the time can grow with the square of the length. */
#define REGEX_BYTES_MAX ((size_t)1024 * 1024)
int regex_find(struct regex *regex, const char *data, size_t len, size_t from, size_t *begin,
               size_t *end);

/* From now on `stop` is asked, at most every tenth of a second of the search or so. */
void regex_on_stop(struct regex *regex, regex_stop *stop, void *arg);
