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

/* Never changed after compiling, so every thread may use it. */
struct regex {
    pcre2_code *code;
    pcre2_match_context *limits;
};

static int fail(struct error *err, struct str pattern, int number, size_t at)
{
    unsigned char why[120];
    struct buffer translated = BUFFER_INIT;
    size_t source = 0;
    if (number == PCRE2_ERROR_NOMEMORY)
        return error_set(err, ST_NOMEM, "out of memory while compiling a pattern");
    if (pcre2_get_error_message(number, why, sizeof(why)) < 0)
        why[0] = '\0';
    translate_pattern(pattern, &translated, at, &source, NULL);
    buffer_clear(&translated);
    return error_set(err, ST_INVALID, "pattern \"%.*s\": %s at position %zu",
                     (int)(pattern.len > 200 ? 200 : pattern.len), pattern.ptr,
                     (const char *)why, source);
}

static pcre2_code *compile_translated(struct str translated, int *number, size_t *at)
{
    const uint32_t options = PCRE2_ALT_BSUX | PCRE2_UTF | PCRE2_DOLLAR_ENDONLY |
                             PCRE2_MATCH_UNSET_BACKREF | PCRE2_NEVER_BACKSLASH_C |
                             PCRE2_ALLOW_EMPTY_CLASS;
    pcre2_compile_context *context = pcre2_compile_context_create(NULL);
    *number = PCRE2_ERROR_NOMEMORY;
    if (!context)
        return NULL;
    pcre2_set_compile_extra_options(context, PCRE2_EXTRA_ALT_BSUX);
    pcre2_code *code = pcre2_compile((PCRE2_SPTR)(translated.len ? translated.ptr : ""),
                                     translated.len, options, number, at, context);
    pcre2_compile_context_free(context);
    return code;
}

static pcre2_match_context *limits_new(void)
{
    pcre2_match_context *limits = pcre2_match_context_create(NULL);
    if (limits) {
        pcre2_set_match_limit(limits, MATCH_LIMIT);
        pcre2_set_depth_limit(limits, MATCH_LIMIT);
        pcre2_set_heap_limit(limits, HEAP_LIMIT_KIB);
    }
    return limits;
}

static void free_regex(void *ctx, struct regex *regex)
{
    (void)ctx;
    if (!regex)
        return;
    pcre2_code_free(regex->code);
    pcre2_match_context_free(regex->limits);
    free(regex);
}

static int make(struct str pattern, struct str translated, struct regex **out, struct error *err)
{
    int number;
    size_t at = 0;
    struct regex *regex = calloc(1, sizeof(*regex));
    if (!regex)
        return fail(err, pattern, PCRE2_ERROR_NOMEMORY, 0);
    regex->code = compile_translated(translated, &number, &at);
    regex->limits = limits_new();
    if (regex->code && regex->limits) {
        *out = regex;
        return ST_OK;
    }
    number = regex->code ? PCRE2_ERROR_NOMEMORY : number;
    free_regex(NULL, regex);
    return fail(err, pattern, number, at);
}

static int compile(void *ctx, struct str pattern, struct regex **out, struct error *err)
{
    struct buffer translated = BUFFER_INIT;
    (void)ctx;
    if (pattern.len > PATTERN_MAX_BYTES)
        return error_set(err, ST_INVALID, "a pattern of %zu bytes is longer than %u", pattern.len,
                         PATTERN_MAX_BYTES);
    int rc = translate_pattern(pattern, &translated, 0, NULL, err);
    if (!rc && buffer_failed(&translated))
        rc = fail(err, pattern, PCRE2_ERROR_NOMEMORY, 0);
    if (!rc)
        rc = make(pattern, buffer_str(&translated), out, err);
    buffer_clear(&translated);
    return rc;
}

static int search(void *ctx, const struct regex *regex, struct str subject, struct error *err)
{
    pcre2_match_data *data = pcre2_match_data_create(1, NULL);
    int rc = PCRE2_ERROR_NOMEMORY;
    (void)ctx;
    /* The subject comes from core/json, which has checked its UTF-8. */
    if (data)
        rc = pcre2_match(regex->code, (PCRE2_SPTR)(subject.ptr ? subject.ptr : ""), subject.len, 0,
                         PCRE2_NO_UTF_CHECK, data, regex->limits);
    pcre2_match_data_free(data);
    if (rc >= 0)
        return 1;
    if (rc == PCRE2_ERROR_NOMATCH)
        return 0;
    if (rc == PCRE2_ERROR_NOMEMORY)
        return error_set(err, ST_NOMEM, "out of memory while matching a pattern");
    return error_set(err, ST_TOO_LARGE, "matching it takes more than %u steps", MATCH_LIMIT);
}

MODULE_EXPORT void hexmcp_module_entry(struct regex_port *out);

void hexmcp_module_entry(struct regex_port *out)
{
    *out = (struct regex_port){NULL, compile, search, free_regex};
}
