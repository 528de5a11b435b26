/*
 * SPDX-License-Identifier: MIT
 */
#include "regex.h"
#include "text.h"

#include "hexmcp/json.h"

/* What the callout returns when time is up. PCRE2 hands it through. */
#define TIME_IS_UP (-1000)

static int is_past(const struct timespec *end)
{
    struct timespec now;
    clock_gettime(CLOCK_THREAD_CPUTIME_ID, &now);
    return now.tv_sec > end->tv_sec || (now.tv_sec == end->tv_sec && now.tv_nsec >= end->tv_nsec);
}

/* Before each item of the pattern. The step limit of PCRE2 begins anew at each place of the text, so
 * it bounds no search alone. The coarse clock costs next to nothing, and one item can take a scan of
 * the whole text; so it is read each time, and the exact one, a system call, when that moved. */
static int tick(pcre2_callout_block *block, void *arg)
{
    struct regex *regex = arg;
    struct timespec now;
    (void)block;
    clock_gettime(CLOCK_MONOTONIC_COARSE, &now);
    if (now.tv_nsec == regex->seen.tv_nsec && now.tv_sec == regex->seen.tv_sec)
        return 0;
    regex->seen = now;
    return is_past(&regex->end) ? TIME_IS_UP : 0;
}

static void start_clock(struct regex *regex)
{
    clock_gettime(CLOCK_THREAD_CPUTIME_ID, &regex->end);
    regex->end.tv_nsec += REGEX_MILLISECONDS_MAX * 1000000L;
    if (regex->end.tv_nsec >= 1000000000L) {
        regex->end.tv_nsec -= 1000000000L;
        regex->end.tv_sec++;
    }
}

static void read_facts(struct regex *regex)
{
    uint32_t newline = 0;
    pcre2_pattern_info(regex->code, PCRE2_INFO_CAPTURECOUNT, &regex->group_count);
    pcre2_pattern_info(regex->code, PCRE2_INFO_NAMECOUNT, &regex->name_count);
    pcre2_pattern_info(regex->code, PCRE2_INFO_NAMEENTRYSIZE, &regex->name_size);
    pcre2_pattern_info(regex->code, PCRE2_INFO_NAMETABLE, &regex->names);
    pcre2_pattern_info(regex->code, PCRE2_INFO_NEWLINE, &newline);
    regex->crlf_breaks = newline == PCRE2_NEWLINE_CRLF || newline == PCRE2_NEWLINE_ANY ||
                         newline == PCRE2_NEWLINE_ANYCRLF;
}

static int32_t compile(struct regex *regex, hexmcp_str pattern, uint32_t options,
                       struct regex_fault *fault)
{
    const uint32_t usual = PCRE2_UTF | PCRE2_UCP | PCRE2_NEVER_BACKSLASH_C | PCRE2_AUTO_CALLOUT;
    int number;
    PCRE2_SIZE offset = 0;
    regex->code = pcre2_compile((PCRE2_SPTR)(pattern.len ? pattern.ptr : ""), pattern.len,
                                options | usual, &number, &offset, NULL);
    if (regex->code)
        return HEXMCP_OK;
    if (number == PCRE2_ERROR_NOMEMORY)
        return HEXMCP_E_NOMEM;
    fault->offset = offset;
    if (pcre2_get_error_message(number, (PCRE2_UCHAR *)fault->text, sizeof(fault->text)) < 0)
        snprintf(fault->text, sizeof(fault->text), "error %d of PCRE2", number);
    return HEXMCP_E_INVALID;
}

static int32_t make_matcher(struct regex *regex)
{
    regex->limits = pcre2_match_context_create(NULL);
    regex->data = pcre2_match_data_create_from_pattern(regex->code, NULL);
    if (!regex->limits || !regex->data)
        return HEXMCP_E_NOMEM;
    pcre2_set_match_limit(regex->limits, REGEX_STEPS_MAX);
    pcre2_set_heap_limit(regex->limits, REGEX_HEAP_KIB_MAX);
    pcre2_set_callout(regex->limits, tick, regex);
    return HEXMCP_OK;
}

int32_t regex_init(struct regex *regex, hexmcp_str pattern, uint32_t options,
                   struct regex_fault *fault, hexmcp_error *err)
{
    *regex = (struct regex){0};
    start_clock(regex);
    int32_t status = compile(regex, pattern, options, fault);
    if (status == HEXMCP_OK)
        status = make_matcher(regex);
    if (status == HEXMCP_E_NOMEM)
        hexmcp_fail(err, status, "out of memory for the pattern; try again");
    if (status == HEXMCP_OK)
        read_facts(regex);
    else
        regex_clear(regex);
    return status;
}

void regex_clear(struct regex *regex)
{
    pcre2_match_data_free(regex->data);
    pcre2_match_context_free(regex->limits);
    pcre2_code_free(regex->code);
    *regex = (struct regex){0};
}

int32_t regex_fail(int number, hexmcp_error *err)
{
    switch (number) {
    case TIME_IS_UP:
        return hexmcp_fail(err, HEXMCP_E_TOO_LARGE,
                           "the search was stopped after %d ms of processor time; make the pattern "
                           "more exact (begin it with literal text, replace .* by what may stand "
                           "there) or give a shorter input",
                           REGEX_MILLISECONDS_MAX);
    case PCRE2_ERROR_MATCHLIMIT:
    case PCRE2_ERROR_DEPTHLIMIT:
        return hexmcp_fail(err, HEXMCP_E_TOO_LARGE,
                           "the search was stopped after %d steps at one place: the pattern tries "
                           "too many ways to match; do not nest repeats as in (a+)+, or make them "
                           "possessive (a++) or atomic (?>...)",
                           REGEX_STEPS_MAX);
    case PCRE2_ERROR_HEAPLIMIT:
        return hexmcp_fail(err, HEXMCP_E_TOO_LARGE,
                           "the search was stopped at %d MiB of memory: the pattern keeps too many "
                           "ways to go back; use possessive repeats such as (?:...)*+, or give a "
                           "shorter input",
                           REGEX_HEAP_KIB_MAX / 1024);
    case PCRE2_ERROR_NOMEMORY:
        return hexmcp_fail(err, HEXMCP_E_NOMEM, "out of memory for the search; try again");
    case PCRE2_ERROR_RECURSELOOP:
        return hexmcp_fail(err, HEXMCP_E_INVALID,
                           "the pattern calls a group within itself without taking any text; let "
                           "the group match something before it calls itself");
    default:
        break;
    }
    char why[160];
    if (pcre2_get_error_message(number, (PCRE2_UCHAR *)why, sizeof(why)) < 0)
        why[0] = '\0';
    return hexmcp_fail(err, HEXMCP_E_INVALID, "the search failed: %s (PCRE2 error %d); change the "
                       "pattern", why, number);
}

static size_t step_over(const struct regex *regex, hexmcp_str text, size_t at)
{
    if (regex->crlf_breaks && at + 1 < text.len && text.ptr[at] == '\r' && text.ptr[at + 1] == '\n')
        return at + 2;
    return text_next(text, at);
}

/* An empty match: what follows must not be empty at the same place, and must be there. */
static void go_on_behind(struct regex_walk *walk, const PCRE2_SIZE *places)
{
    walk->at = places[1];
    walk->options = places[0] == places[1] ? PCRE2_NOTEMPTY_ATSTART | PCRE2_ANCHORED : 0;
}

int regex_next(struct regex *regex, hexmcp_str text, struct regex_walk *walk,
               const PCRE2_SIZE **places, hexmcp_error *err)
{
    const PCRE2_SPTR subject = (PCRE2_SPTR)(text.len ? text.ptr : "");
    while (!walk->done) {
        int found = pcre2_match(regex->code, subject, text.len, walk->at,
                                walk->options | PCRE2_NO_UTF_CHECK, regex->data, regex->limits);
        if (found >= 0) {
            const PCRE2_SIZE *pairs = pcre2_get_ovector_pointer(regex->data);
            if (pairs[0] > pairs[1] || pairs[1] < walk->at)
                return regex_fail(PCRE2_ERROR_BADSUBSPATTERN, err);
            go_on_behind(walk, pairs);
            *places = pairs;
            return 1;
        }
        if (found != PCRE2_ERROR_NOMATCH)
            return regex_fail(found, err);
        walk->done = walk->options == 0 || walk->at == text.len;
        if (!walk->done)
            walk->at = step_over(regex, text, walk->at);
        walk->options = 0;
    }
    return 0;
}

uint32_t regex_name(const struct regex *regex, uint32_t index, const char **name)
{
    const unsigned char *entry = regex->names + (size_t)index * regex->name_size;
    *name = (const char *)entry + 2;
    return (uint32_t)entry[0] << 8 | entry[1];
}
