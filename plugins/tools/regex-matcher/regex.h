/*
 * regex.h - one pattern, and its matches in one text, within limits.
 *
 * SPDX-License-Identifier: MIT
 *
 * Limits, over all matches that are asked of one struct regex: 100 ms of processor time. For each
 * place where a match may begin: 1,000,000 steps. At any time: 32 MiB of memory to go back with.
 * Patterns are not compiled to machine code: each is used for one call only.
 */
#pragma once

#define PCRE2_CODE_UNIT_WIDTH 8
#include <pcre2.h>
#include <time.h>

#include "hexmcp/abi.h"

#define REGEX_STEPS_MAX 1000000
#define REGEX_MILLISECONDS_MAX 100
#define REGEX_HEAP_KIB_MAX 32768

struct regex {
    pcre2_code *code;
    pcre2_match_context *limits;
    pcre2_match_data *data;
    uint32_t group_count; /* without the whole match */
    uint32_t name_count;
    uint32_t name_size; /* bytes of an entry in `names` */
    const unsigned char *names;
    int crlf_breaks; /* CR LF is one line break to this pattern */
    struct timespec seen; /* the last look at the coarse clock */
    struct timespec end;  /* of processor time of this thread */
};

/* Why a pattern is none. */
struct regex_fault {
    size_t offset; /* in bytes of the pattern */
    char text[160];
};

/* Compiles `pattern` (valid UTF-8) with options of PCRE2 on top of the usual ones. The time begins to
 * run; the regex belongs to this thread.
 *   HEXMCP_E_INVALID  *fault is filled, nothing else
 *   HEXMCP_E_NOMEM    *err is filled */
int32_t regex_init(struct regex *regex, hexmcp_str pattern, uint32_t options,
                   struct regex_fault *fault, hexmcp_error *err);
void regex_clear(struct regex *regex);

/* Where a walk over the matches stands; begins as {0}. */
struct regex_walk {
    size_t at;
    uint32_t options;
    int done;
};

/* Finds the next match in `text` (valid UTF-8, the same in each call). Matches do not overlap; behind
 * an empty one the walk goes on with the next character.
 * 1: *places are pairs of byte offsets, of the match and then of each group, PCRE2_UNSET for a group
 * without a match, valid until the next call. 0: no more. Negative: a limit, with *err. */
int regex_next(struct regex *regex, hexmcp_str text, struct regex_walk *walk,
               const PCRE2_SIZE **places, hexmcp_error *err);

/* What the code `number` of a search means for the person who asked; returns a status. */
int32_t regex_fail(int number, hexmcp_error *err);

/* Number and name of the named group `index`, in the order of the names. A name can be there more
 * than once in a row. */
uint32_t regex_name(const struct regex *regex, uint32_t index, const char **name);
