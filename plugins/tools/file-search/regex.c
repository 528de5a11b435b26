/*
 * SPDX-License-Identifier: MIT
 */
#include "regex.h"

#include "hexmcp/json.h"

#define PCRE2_CODE_UNIT_WIDTH 8
#include <pcre2.h>

/* Steps of one search: about ten milliseconds at most. */
#define MATCH_LIMIT 1000000u
#define HEAP_LIMIT_KIB 16384u
#define PATTERN_BYTES_MAX 4096
#define STACK_BYTES_MIN ((size_t)32 * 1024)
#define STACK_BYTES_MAX ((size_t)1024 * 1024)

/* Places where a match may begin times the bytes that each may look at, between two questions
 * whether to stop. */
#define SLICE_STEPS ((size_t)256 * 1024 * 1024)

struct regex {
    regex_stop *stop;
    void *stop_arg;
    pcre2_code *code;
    pcre2_match_data *data;
    pcre2_match_context *limits;
    pcre2_jit_stack *stack;
};

static int32_t no_memory(hexmcp_error *err)
{
    return hexmcp_fail(err, HEXMCP_E_NOMEM, "out of memory for the pattern; try again");
}

static pcre2_code *compile(hexmcp_str text, enum regex_kind kind, int case_sensitive, int *number,
                           size_t *at)
{
    uint32_t options = PCRE2_UTF | PCRE2_MATCH_INVALID_UTF | PCRE2_USE_OFFSET_LIMIT;
    pcre2_compile_context *context = pcre2_compile_context_create(NULL);
    *number = PCRE2_ERROR_NOMEMORY;
    if (!context)
        return NULL;
    pcre2_set_newline(context, PCRE2_NEWLINE_ANYCRLF);
    if (kind == REGEX_LITERAL)
        options |= PCRE2_LITERAL;
    else if (kind == REGEX_PATTERN)
        options |= PCRE2_MULTILINE | PCRE2_NEVER_BACKSLASH_C;
    else
        options |= PCRE2_DOTALL | PCRE2_DOLLAR_ENDONLY;
    if (!case_sensitive)
        options |= PCRE2_CASELESS;
    pcre2_code *code =
        pcre2_compile((PCRE2_SPTR)text.ptr, text.len, options, number, at, context);
    pcre2_compile_context_free(context);
    return code;
}

static int32_t fail_compile(const char *name, hexmcp_str text, int number, size_t at,
                            hexmcp_error *err)
{
    unsigned char why[120];
    if (number == PCRE2_ERROR_NOMEMORY)
        return no_memory(err);
    if (pcre2_get_error_message(number, why, sizeof(why)) < 0)
        why[0] = '\0';
    return hexmcp_fail(err, HEXMCP_E_INVALID,
                       "%s \"%.*s\" is wrong at position %zu: %s; correct it, or leave use_regex out "
                       "to look for the text itself",
                       name, (int)(text.len < 100 ? text.len : 100), text.ptr, at,
                       (const char *)why);
}

static int prepare(struct regex *regex)
{
    regex->data = pcre2_match_data_create(1, NULL);
    regex->limits = pcre2_match_context_create(NULL);
    if (!regex->data || !regex->limits)
        return 0;
    pcre2_set_match_limit(regex->limits, MATCH_LIMIT);
    pcre2_set_depth_limit(regex->limits, MATCH_LIMIT);
    pcre2_set_heap_limit(regex->limits, HEAP_LIMIT_KIB);
    /* Without compiled code it is slower and as right. */
    if (pcre2_jit_compile(regex->code, PCRE2_JIT_COMPLETE) == 0) {
        regex->stack = pcre2_jit_stack_create(STACK_BYTES_MIN, STACK_BYTES_MAX, NULL);
        if (regex->stack)
            pcre2_jit_stack_assign(regex->limits, NULL, regex->stack);
    }
    return 1;
}

int32_t regex_new(hexmcp_str text, enum regex_kind kind, int case_sensitive, const char *name,
                  struct regex **ret, hexmcp_error *err)
{
    int number;
    size_t at = 0;
    if (text.len > PATTERN_BYTES_MAX)
        return hexmcp_fail(err, HEXMCP_E_TOO_LARGE, "%s has %zu bytes, but at most %d are taken",
                           name, text.len, PATTERN_BYTES_MAX);
    struct regex *regex = calloc(1, sizeof(*regex));
    if (!regex)
        return no_memory(err);
    regex->code = compile(text, kind, case_sensitive, &number, &at);
    if (regex->code && prepare(regex)) {
        *ret = regex;
        return HEXMCP_OK;
    }
    int compiled = regex->code != NULL;
    regex_free(regex);
    return compiled ? no_memory(err) : fail_compile(name, text, number, at, err);
}

void regex_free(struct regex *regex)
{
    if (!regex)
        return;
    pcre2_code_free(regex->code);
    pcre2_match_data_free(regex->data);
    pcre2_match_context_free(regex->limits);
    pcre2_jit_stack_free(regex->stack);
    free(regex);
}

void regex_on_stop(struct regex *regex, regex_stop *stop, void *arg)
{
    regex->stop = stop;
    regex->stop_arg = arg;
}

/* Where the next slice begins, at a whole character. */
static size_t slice_end(const char *data, size_t len, size_t from)
{
    size_t places = SLICE_STEPS / (len + 1) + 1;
    size_t end = len - from < places ? len : from + places;
    while (end < len && ((unsigned char)data[end] & 0xC0) == 0x80)
        end++;
    return end;
}

static int find_in_slices(struct regex *regex, const char *data, size_t len, size_t from)
{
    int count = PCRE2_ERROR_NOMATCH;
    size_t end;
    for (; count == PCRE2_ERROR_NOMATCH; from = end) {
        end = slice_end(data, len, from);
        pcre2_set_offset_limit(regex->limits, end < len ? end - 1 : len);
        count = pcre2_match(regex->code, (PCRE2_SPTR)data, len, from, 0, regex->data,
                            regex->limits);
        if (end == len)
            break;
        if (count == PCRE2_ERROR_NOMATCH && regex->stop && regex->stop(regex->stop_arg))
            return REGEX_STOPPED;
    }
    return count >= 0 ? REGEX_FOUND : count == PCRE2_ERROR_NOMATCH ? REGEX_NONE : REGEX_TOO_HARD;
}

int regex_find(struct regex *regex, const char *data, size_t len, size_t from, size_t *begin,
               size_t *end)
{
    len = len < REGEX_BYTES_MAX ? len : REGEX_BYTES_MAX;
    if (from > len)
        return REGEX_NONE;
    int found = find_in_slices(regex, data, len, from);
    if (found != REGEX_FOUND)
        return found;
    const PCRE2_SIZE *places = pcre2_get_ovector_pointer(regex->data);
    /* \K can put the beginning behind the end. */
    *begin = places[0] < places[1] ? places[0] : places[1];
    *end = places[1];
    return REGEX_FOUND;
}
