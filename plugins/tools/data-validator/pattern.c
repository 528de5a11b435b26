/*
 * SPDX-License-Identifier: MIT
 */
#include "pattern.h"

#include "hexmcp/json.h"

#define PCRE2_CODE_UNIT_WIDTH 8
#include <pcre2.h>

#define HEAP_KIB_MAX 16384
#define TIME_IS_UP (-1000)

struct pattern {
    pcre2_code *code;
    pcre2_match_context *limits;
    pcre2_match_data *data;
};

/* Before each item of the pattern: the step limit begins anew at each place of the subject. */
static int tick(pcre2_callout_block *block, void *budget)
{
    (void)block;
    return budget_spent(budget) ? TIME_IS_UP : 0;
}

static int32_t fail_compile(int number, size_t offset, hexmcp_error *err)
{
    char why[160];
    if (number == PCRE2_ERROR_NOMEMORY)
        return hexmcp_fail(err, HEXMCP_E_NOMEM, "out of memory for the pattern; try again");
    if (pcre2_get_error_message(number, (PCRE2_UCHAR *)why, sizeof(why)) < 0)
        why[0] = '\0';
    return hexmcp_fail(err, HEXMCP_E_INVALID, "regex is wrong at byte %zu: %s; correct it", offset,
                       why);
}

int32_t pattern_new(hexmcp_str text, struct pattern **pattern, hexmcp_error *err)
{
    int number = PCRE2_ERROR_NOMEMORY;
    PCRE2_SIZE offset = 0;
    if (text.len > PATTERN_BYTES_MAX)
        return hexmcp_fail(err, HEXMCP_E_TOO_LARGE,
                           "regex has %zu bytes, but at most %d are taken; give a shorter one",
                           text.len, PATTERN_BYTES_MAX);
    struct pattern *fresh = calloc(1, sizeof(*fresh));
    if (!fresh)
        return fail_compile(number, 0, err);
    fresh->code = pcre2_compile((PCRE2_SPTR)text.ptr, text.len,
                                PCRE2_UTF | PCRE2_UCP | PCRE2_NEVER_BACKSLASH_C | PCRE2_AUTO_CALLOUT,
                                &number, &offset, NULL);
    if (fresh->code) {
        number = PCRE2_ERROR_NOMEMORY;
        fresh->limits = pcre2_match_context_create(NULL);
        fresh->data = pcre2_match_data_create(1, NULL);
    }
    if (!fresh->limits || !fresh->data) {
        pattern_free(fresh);
        return fail_compile(number, offset, err);
    }
    pcre2_set_match_limit(fresh->limits, PATTERN_STEPS_MAX);
    pcre2_set_depth_limit(fresh->limits, PATTERN_STEPS_MAX);
    pcre2_set_heap_limit(fresh->limits, HEAP_KIB_MAX);
    *pattern = fresh;
    return HEXMCP_OK;
}

void pattern_free(struct pattern *pattern)
{
    if (!pattern)
        return;
    pcre2_match_data_free(pattern->data);
    pcre2_match_context_free(pattern->limits);
    pcre2_code_free(pattern->code);
    free(pattern);
}

int pattern_search(struct pattern *pattern, hexmcp_str subject, struct budget *budget,
                   hexmcp_error *err)
{
    pcre2_set_callout(pattern->limits, tick, budget);
    int found = pcre2_match(pattern->code, (PCRE2_SPTR)subject.ptr, subject.len, 0, 0,
                            pattern->data, pattern->limits);
    if (found >= 0)
        return 1;
    switch (found) {
    case PCRE2_ERROR_NOMATCH:
        return 0;
    case PCRE2_ERROR_NOMEMORY:
        return hexmcp_fail(err, HEXMCP_E_NOMEM, "out of memory for the pattern; try again");
    case PCRE2_ERROR_MATCHLIMIT:
    case PCRE2_ERROR_DEPTHLIMIT:
    case PCRE2_ERROR_HEAPLIMIT:
    case TIME_IS_UP:
        return hexmcp_fail(err, HEXMCP_E_TOO_LARGE,
                           "regex takes too many steps on this value; do not nest repeats as in "
                           "(a+)+, or make them possessive (a++), or put a length rule in front and "
                           "fail_fast");
    default:
        return hexmcp_fail(err, HEXMCP_E_INVALID,
                           "regex cannot be matched here (PCRE2 error %d); change it", found);
    }
}
