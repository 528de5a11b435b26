/* The module `regex`: PCRE2, set to behave as ECMA-262 with the flag u. */
#define PCRE2_CODE_UNIT_WIDTH 8
#include <pcre2.h>
#include <stdlib.h>

#include "adapters/driven/module/export.h"
#include "adapters/driven/regex/translate.h"
#include "core/base/error.h"
#include "core/base/str.h"
#include "ports/driven/regex.h"

/* Steps of one search. ^(a+)+$ reaches it in about a millisecond. */
#define MATCH_LIMIT 200000u
#define HEAP_LIMIT_KIB 16384u
#define PATTERN_MAX_BYTES 65536u

MODULE_DEFINE_BUILD_ID();

static int fail(struct error *err, int code, struct str pattern, int number, size_t at)
{
    unsigned char why[120];
    if (pcre2_get_error_message(number, why, sizeof(why)) < 0)
        why[0] = '\0';
    return error_set(err, code, "pattern \"%.*s\": %s at position %zu", STR_ARG(pattern),
                     (const char *)why, at);
}

static pcre2_code *compile_translated(struct str pattern, int *number, size_t *at)
{
    struct buffer translated = BUFFER_INIT;
    translate_pattern(pattern, &translated);
    pcre2_compile_context *context = pcre2_compile_context_create(NULL);
    pcre2_code *code = NULL;
    *number = PCRE2_ERROR_NOMEMORY;
    if (context && !buffer_failed(&translated)) {
        pcre2_set_max_pattern_length(context, PATTERN_MAX_BYTES);
        pcre2_set_compile_extra_options(context, PCRE2_EXTRA_ALT_BSUX);
        uint32_t options = PCRE2_ALT_BSUX | PCRE2_UTF | PCRE2_DOLLAR_ENDONLY |
                           PCRE2_MATCH_UNSET_BACKREF | PCRE2_NEVER_BACKSLASH_C |
                           PCRE2_ALLOW_EMPTY_CLASS;
        code = pcre2_compile((PCRE2_SPTR)(translated.len ? translated.data : ""), translated.len,
                             options, number, at, context);
    }
    pcre2_compile_context_free(context);
    buffer_clear(&translated);
    return code;
}

static int compile(void *ctx, struct str pattern, struct regex **out, struct error *err)
{
    int number;
    size_t at = 0;
    (void)ctx;
    pcre2_code *code = compile_translated(pattern, &number, &at);
    if (!code)
        return fail(err, ST_INVALID, pattern, number, at);
    *out = (struct regex *)code;
    return ST_OK;
}

static int run(const pcre2_code *code, struct str subject)
{
    pcre2_match_data *data = pcre2_match_data_create(1, NULL);
    pcre2_match_context *context = pcre2_match_context_create(NULL);
    int rc = PCRE2_ERROR_NOMEMORY;
    if (data && context) {
        pcre2_set_match_limit(context, MATCH_LIMIT);
        pcre2_set_depth_limit(context, MATCH_LIMIT);
        pcre2_set_heap_limit(context, HEAP_LIMIT_KIB);
        /* The subject comes from core/json, which has checked its UTF-8. */
        rc = pcre2_match(code, (PCRE2_SPTR)(subject.ptr ? subject.ptr : ""), subject.len, 0,
                         PCRE2_NO_UTF_CHECK, data, context);
    }
    pcre2_match_context_free(context);
    pcre2_match_data_free(data);
    return rc;
}

static int search(void *ctx, const struct regex *regex, struct str subject, struct error *err)
{
    (void)ctx;
    int rc = run((const pcre2_code *)regex, subject);
    if (rc >= 0)
        return 1;
    if (rc == PCRE2_ERROR_NOMATCH)
        return 0;
    if (rc == PCRE2_ERROR_NOMEMORY)
        return error_set(err, ST_NOMEM, "out of memory while matching a pattern");
    return error_set(err, ST_TOO_LARGE, "matching a pattern took more than %u steps", MATCH_LIMIT);
}

static void free_regex(void *ctx, struct regex *regex)
{
    (void)ctx;
    pcre2_code_free((pcre2_code *)regex);
}

MODULE_EXPORT void hexmcp_module_entry(struct regex_port *out);

void hexmcp_module_entry(struct regex_port *out)
{
    *out = (struct regex_port){NULL, compile, search, free_regex};
}
