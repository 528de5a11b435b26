/*
 * SPDX-License-Identifier: MIT
 */
#include "casing.h"
#include "utf8.h"

#include <utf8proc.h>

#define SHARP_S 0xDF
#define CAPITAL_I_WITH_DOT 0x130
#define COMBINING_DOT_ABOVE 0x307
#define CAPITAL_SIGMA 0x3A3
#define FINAL_SIGMA 0x3C2

/* No code point folds or decomposes to more than 18 others (Unicode 15). */
#define EXPANSION_MAX 18

static utf8proc_ssize_t expand(int32_t code_point, utf8proc_option_t how, int32_t *into)
{
    int unused = 0;
    return utf8proc_decompose_char(code_point, into, EXPANSION_MAX, how, &unused);
}

static void put_code_point(struct output *out, int32_t code_point)
{
    utf8proc_uint8_t bytes[4];
    utf8proc_ssize_t len = utf8proc_encode_char(code_point, bytes);
    output_put(out, (hexmcp_str){(const char *)bytes, (size_t)len});
}

/* utf8proc maps to one code point only. What SpecialCasing.txt adds for upper case is the fold of
 * the code point in capitals, for all 102 entries. */
static void put_upper(int32_t code_point, struct output *out)
{
    int32_t fold[EXPANSION_MAX];
    utf8proc_ssize_t count = 1;
    if (utf8proc_category(code_point) != UTF8PROC_CATEGORY_LU)
        count = expand(code_point, UTF8PROC_CASEFOLD, fold);
    if (count <= 1) {
        put_code_point(out, utf8proc_toupper(code_point));
        return;
    }
    for (utf8proc_ssize_t i = 0; i < count; i++)
        put_code_point(out, utf8proc_toupper(fold[i]));
}

void casing_upper(hexmcp_str text, struct output *out)
{
    for (size_t pos = 0; pos < text.len;)
        put_upper(utf8_next(text, &pos), out);
}

/* Word_Break MidLetter, MidNumLet and Single_Quote. */
static int is_inner_punctuation(int32_t code_point)
{
    static const int32_t list[] = {'\'',   '.',    ':',    0xB7,   0x387,  0x55F,  0x5F4,  0x2018,
                                   0x2019, 0x2024, 0x2027, 0xFE13, 0xFE52, 0xFE55, 0xFF07, 0xFF0E,
                                   0xFF1A};
    for (size_t i = 0; i < sizeof(list) / sizeof(list[0]); i++) {
        if (list[i] == code_point)
            return 1;
    }
    return 0;
}

static int is_case_ignorable(int32_t code_point)
{
    switch (utf8proc_category(code_point)) {
    case UTF8PROC_CATEGORY_MN:
    case UTF8PROC_CATEGORY_ME:
    case UTF8PROC_CATEGORY_CF:
    case UTF8PROC_CATEGORY_LM:
    case UTF8PROC_CATEGORY_SK:
        return 1;
    default:
        return is_inner_punctuation(code_point);
    }
}

static int is_cased(int32_t code_point)
{
    utf8proc_category_t category = utf8proc_category(code_point);
    return category == UTF8PROC_CATEGORY_LU || category == UTF8PROC_CATEGORY_LL ||
           category == UTF8PROC_CATEGORY_LT || code_point == 0xAA || code_point == 0xBA ||
           utf8proc_tolower(code_point) != code_point || utf8proc_toupper(code_point) != code_point;
}

static int cased_before(hexmcp_str text, size_t pos)
{
    while (pos > 0) {
        int32_t code_point = utf8_previous(text, &pos);
        if (!is_case_ignorable(code_point))
            return is_cased(code_point);
    }
    return 0;
}

static int cased_behind(hexmcp_str text, size_t pos)
{
    while (pos < text.len) {
        int32_t code_point = utf8_next(text, &pos);
        if (!is_case_ignorable(code_point))
            return is_cased(code_point);
    }
    return 0;
}

/* What is a final sigma depends on the text before `pos` too. */
static void lower_from(hexmcp_str text, size_t pos, struct output *out)
{
    while (pos < text.len) {
        size_t start = pos;
        int32_t code_point = utf8_next(text, &pos);
        if (code_point == CAPITAL_I_WITH_DOT) {
            put_code_point(out, 'i');
            put_code_point(out, COMBINING_DOT_ABOVE);
        } else if (code_point == CAPITAL_SIGMA && cased_before(text, start) &&
                   !cased_behind(text, pos)) {
            put_code_point(out, FINAL_SIGMA);
        } else {
            put_code_point(out, utf8proc_tolower(code_point));
        }
    }
}

void casing_lower(hexmcp_str text, struct output *out)
{
    lower_from(text, 0, out);
}

/* utf8proc gives sharp s a capital of one code point, U+1E9E; Unicode's mappings give it none. */
static int32_t simple_title(int32_t code_point)
{
    return code_point == SHARP_S ? SHARP_S : utf8proc_totitle(code_point);
}

/* Small letters without a title form of their own: either a canonical decomposition (j with caron)
 * or a fold (sharp s, ligatures) gives several, of which the first that can becomes a capital. */
static void put_title(int32_t code_point, struct output *out)
{
    int32_t parts[EXPANSION_MAX] = {code_point};
    utf8proc_ssize_t count = 1;
    if (simple_title(code_point) == code_point &&
        utf8proc_category(code_point) == UTF8PROC_CATEGORY_LL) {
        count = expand(code_point, UTF8PROC_DECOMPOSE, parts);
        if (count == 1)
            count = expand(code_point, UTF8PROC_CASEFOLD, parts);
    }
    int changed = 0;
    for (utf8proc_ssize_t i = 0; i < count; i++) {
        int32_t title = changed ? parts[i] : utf8proc_totitle(parts[i]);
        changed |= title != parts[i];
        put_code_point(out, title);
    }
}

void casing_capital(hexmcp_str word, struct output *out)
{
    if (word.len == 0)
        return;
    size_t pos = 0;
    put_title(utf8_next(word, &pos), out);
    lower_from(word, pos, out);
}
