/*
 * SPDX-License-Identifier: MIT
 */
#include "request.h"
#include "regex.h"

#include "kit/encode.h"

/* In UTF-8, which PCRE2 is told not to look after again; `ptr` is NULL if it is not given. */
static hexmcp_str read_text(struct args *args, const char *key, size_t most, const char *advice)
{
    hexmcp_str text = args_bytes_or(args, key, most, advice);
    size_t good = utf8_good(text);
    if (good < text.len)
        args_fail(args, HEXMCP_E_INVALID, "%s is not UTF-8 at byte %zu; give text", key, good);
    return text;
}

static uint32_t read_flags(struct args *args)
{
    static const char letters[] = "imsx";
    static const uint32_t flags[] = {PCRE2_CASELESS, PCRE2_MULTILINE, PCRE2_DOTALL, PCRE2_EXTENDED};
    uint32_t options = 0;
    for (const char *given = args_text(args, "flags", FLAGS_BYTES_MAX, ""); *given; given++) {
        const char *letter = strchr(letters, *given);
        if (letter)
            options |= flags[letter - letters];
        else
            args_fail(args, HEXMCP_E_INVALID,
                      "flags has a letter other than i, m, s and x; there is no g: use find_all, and "
                      "replace works on all matches");
    }
    return options;
}

int32_t request_read(hexmcp_str args_json, struct request *request, hexmcp_error *err)
{
    *request = (struct request){.args = args_begin(args_json, err)};
    struct args *args = &request->args;
    request->pattern = read_text(args, "pattern", PATTERN_BYTES_MAX, "shorten it");
    request->input = read_text(args, "input", TEXT_BYTES_MAX, "cut it and call once for each part");
    request->replacement = read_text(args, "replacement", TEXT_BYTES_MAX, "shorten it");
    request->options = read_flags(args);
    request->limit = (size_t)args_int(args, "limit", 1, MATCHES_MAX, 1000);
    if (!request->pattern.ptr)
        args_fail(args, HEXMCP_E_INVALID, "pattern is missing; give a regular expression");
    return args_status(args);
}
