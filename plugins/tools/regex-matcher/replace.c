/*
 * SPDX-License-Identifier: MIT
 */
#include "replace.h"
#include "text.h"

#include "hexmcp/json.h"

struct counter {
    size_t count;
    size_t limit;
    int more;
};

/* A negative value keeps this match as it is and ends the search. */
static int count_one(pcre2_substitute_callout_block *block, void *arg)
{
    struct counter *counter = arg;
    (void)block;
    counter->more = counter->count == counter->limit;
    counter->count += !counter->more;
    return counter->more ? -1 : 0;
}

/* The replacement is wrong in front of `offset`. */
static int32_t fail_replacement(int number, hexmcp_str replacement, size_t offset,
                                hexmcp_error *err)
{
    char why[160];
    if (pcre2_get_error_message(number, (PCRE2_UCHAR *)why, sizeof(why)) < 0)
        why[0] = '\0';
    return hexmcp_fail(err, HEXMCP_E_INVALID,
                       "replacement is wrong at character %zu: %s; write $1, ${1} or ${name} for a "
                       "group of the pattern, $0 for the match and $$ for a dollar sign",
                       text_characters(replacement, offset), why);
}

static int32_t fail(int number, hexmcp_str replacement, size_t offset, hexmcp_error *err)
{
    switch (number) {
    case PCRE2_ERROR_NOMEMORY:
        return hexmcp_fail(err, HEXMCP_E_TOO_LARGE,
                           "the result of replace is larger than 10 MiB; give a shorter input, a "
                           "shorter replacement or a lower limit");
    case PCRE2_ERROR_BADREPLACEMENT:
    case PCRE2_ERROR_REPMISSINGBRACE:
    case PCRE2_ERROR_BADSUBSTITUTION:
    case PCRE2_ERROR_NOSUBSTRING:
    case PCRE2_ERROR_NOUNIQUESUBSTRING:
        return fail_replacement(number, replacement, offset, err);
    default:
        return regex_fail(number, err);
    }
}

int32_t replace_all(struct regex *regex, const struct request *request, struct replaced *replaced,
                    hexmcp_error *err)
{
    struct counter counter = {.limit = request->limit};
    hexmcp_str input = request->input;
    hexmcp_str replacement = request->replacement;
    /* Pages of it that are not written to take no memory. */
    PCRE2_SIZE len = TEXT_BYTES_MAX + 1;
    char *text = malloc(len);
    if (!text)
        return hexmcp_fail(err, HEXMCP_E_NOMEM, "out of memory for the result; try again");
    pcre2_set_substitute_callout(regex->limits, count_one, &counter);
    int number = pcre2_substitute(
        regex->code, (PCRE2_SPTR)input.ptr, input.len, 0,
        PCRE2_SUBSTITUTE_GLOBAL | PCRE2_SUBSTITUTE_UNSET_EMPTY | PCRE2_NO_UTF_CHECK, regex->data,
        regex->limits, (PCRE2_SPTR)replacement.ptr, replacement.len, (PCRE2_UCHAR *)text, &len);
    if (number < 0) {
        free(text);
        return fail(number, replacement, len == PCRE2_UNSET ? 0 : len, err);
    }
    *replaced = (struct replaced){text, len, counter.count, counter.more};
    return HEXMCP_OK;
}
