/*
 * tera_text.c - filters of texts.
 *
 * SPDX-License-Identifier: MIT
 */
#include <locale.h>
#include <string.h>
#include <wctype.h>

#include "tera_eval.h"

typedef struct value text_filter(const struct called *c, hexmcp_str text);

static bool is_blank(char c)
{
    return c == ' ' || (c >= '\t' && c <= '\r');
}

static struct value take(const struct called *c, struct bytes *out, bool good)
{
    if (!good || out->len > OUTPUT_BYTES_MAX)
        render_fail(c->render, HEXMCP_E_TOO_LARGE, "line %u: a text has more than 8 MiB; make it smaller",
                    c->expr->line);
    return value_of_text(render_take(c->render, out));
}

/* One character of UTF-8, or one byte that is none. */
static size_t character(hexmcp_str text, wint_t *code)
{
    const unsigned char *at = (const unsigned char *)text.ptr;
    size_t len = at[0] < 0xc0 ? 1 : at[0] < 0xe0 ? 2 : at[0] < 0xf0 ? 3 : 4;
    len = len > text.len ? 1 : len;
    *code = len == 1 ? at[0] : at[0] & (0xffu >> (len + 1));
    for (size_t i = 1; i < len; i++)
        *code = *code << 6 | (at[i] & 0x3f);
    return len;
}

static bool add_character(struct bytes *out, wint_t code)
{
    char text[4];
    return bytes_add(out, text, (size_t)hexmcp_json_encode_utf8_((int32_t)code, text));
}

enum how { LOWER, UPPER, CAPITALS, SENTENCE };

/* The letters of all languages, if the system knows them; else those of ASCII. */
static struct value change_case(const struct called *c, hexmcp_str text, enum how how)
{
    locale_t locale = newlocale(LC_CTYPE_MASK, "C.UTF-8", (locale_t)0);
    struct bytes out = {0};
    bool start = true, good = true;
    if (!locale)
        locale = newlocale(LC_CTYPE_MASK, "C", (locale_t)0);
    while (text.len > 0 && good && render_step(c->render)) {
        wint_t code;
        size_t len = character(text, &code);
        bool up = how == UPPER || (start && how != LOWER);
        wint_t other = up ? towupper_l(code, locale) : towlower_l(code, locale);
        good = other == code ? bytes_add(&out, text.ptr, len) : add_character(&out, other);
        start = how == CAPITALS && (iswspace_l(code, locale) || code == '-');
        text = (hexmcp_str){text.ptr + len, text.len - len};
    }
    freelocale(locale);
    return take(c, &out, good);
}

static struct value lower(const struct called *c, hexmcp_str text)
{
    return change_case(c, text, LOWER);
}

static struct value upper(const struct called *c, hexmcp_str text)
{
    return change_case(c, text, UPPER);
}

static struct value title(const struct called *c, hexmcp_str text)
{
    return change_case(c, text, CAPITALS);
}

static struct value capitalize(const struct called *c, hexmcp_str text)
{
    return change_case(c, text, SENTENCE);
}

/* trim, trim_start, trim_end */
static struct value trim(const struct called *c, hexmcp_str text)
{
    bool start = c->name.len != 8, end = c->name.len != 10;
    while (start && text.len > 0 && is_blank(*text.ptr)) {
        text.ptr++;
        text.len--;
    }
    while (end && text.len > 0 && is_blank(text.ptr[text.len - 1]))
        text.len--;
    return value_of_text(text);
}

static struct value replace(const struct called *c, hexmcp_str text)
{
    hexmcp_str from = called_text(c, "from", 0, ""), to = called_text(c, "to", 1, "");
    struct bytes out = {0};
    bool good = true;
    const char *place;
    if (from.len == 0)
        return called_fail(c, "from is missing or empty");
    while (good && render_step(c->render) && out.len <= OUTPUT_BYTES_MAX && text.len > 0 &&
           (place = memmem(text.ptr, text.len, from.ptr, from.len))) {
        size_t len = (size_t)(place - text.ptr);
        good = bytes_add(&out, text.ptr, len) && bytes_add(&out, to.ptr, to.len);
        text = (hexmcp_str){place + from.len, text.len - len - from.len};
    }
    return take(c, &out, good && bytes_add(&out, text.ptr, text.len));
}

static struct value truncate(const struct called *c, hexmcp_str text)
{
    double most = called_number(c, "length", 0, 255);
    hexmcp_str end = called_text(c, "end", 1, "…");
    struct bytes out = {0};
    size_t at = 0;
    wint_t code;
    for (double count = 0; at < text.len && count < most; count++)
        at += character((hexmcp_str){text.ptr + at, text.len - at}, &code);
    if (at == text.len)
        return value_of_text(text);
    return take(c, &out, bytes_add(&out, text.ptr, at) && bytes_add(&out, end.ptr, end.len));
}

static struct value wordcount(const struct called *c, hexmcp_str text)
{
    double words = 0;
    (void)c;
    for (size_t i = 0; i < text.len; i++)
        words += !is_blank(text.ptr[i]) && (i == 0 || is_blank(text.ptr[i - 1]));
    return value_of_number(words);
}

static struct value striptags(const struct called *c, hexmcp_str text)
{
    struct bytes out = {0};
    bool inside = false, good = true;
    for (size_t i = 0; i < text.len && good; i++) {
        if (text.ptr[i] == '<' || (text.ptr[i] == '>' && inside))
            inside = text.ptr[i] == '<';
        else if (!inside)
            good = bytes_add(&out, text.ptr + i, 1);
    }
    return take(c, &out, good);
}

static struct value escape(const struct called *c, hexmcp_str text)
{
    struct bytes out = {0};
    bool good = bytes_add_escaped(&out, text);
    struct value value = take(c, &out, good);
    value.safe = true;
    return value;
}

static struct value safe(const struct called *c, hexmcp_str text)
{
    struct value value = value_of_text(text);
    (void)c;
    value.safe = true;
    return value;
}

/* urlencode leaves "/", urlencode_strict does not. */
static struct value urlencode(const struct called *c, hexmcp_str text)
{
    const char *left = c->name.len == 9 ? "-_.~/" : "-_.~";
    struct bytes out = {0};
    bool good = true;
    for (size_t i = 0; i < text.len && good; i++) {
        unsigned char b = (unsigned char)text.ptr[i];
        char hex[4];
        bool plain = (b >= '0' && b <= '9') || ((b | 32) >= 'a' && (b | 32) <= 'z') || (b && strchr(left, b));
        snprintf(hex, sizeof(hex), "%%%02X", b);
        good = plain ? bytes_add(&out, text.ptr + i, 1) : bytes_add(&out, hex, 3);
    }
    return take(c, &out, good);
}

static struct value linebreaks(const struct called *c, hexmcp_str text)
{
    struct bytes out = {0};
    bool good = true;
    for (size_t i = 0; i < text.len && good; i++)
        good = text.ptr[i] == '\n' ? bytes_add(&out, "<br>", 4)
               : text.ptr[i] == '\r' || bytes_add_escaped(&out, (hexmcp_str){text.ptr + i, 1});
    struct value value = take(c, &out, good);
    value.safe = true;
    return value;
}

static struct value indent(const struct called *c, hexmcp_str text)
{
    double width = called_number(c, "width", 0, 4);
    bool first = called_argument(c, "first", 1).yes, good = true;
    struct bytes out = {0};
    if (!(width >= 0 && width <= 100))
        return called_fail(c, "width is at most 100");
    for (size_t i = 0; i < text.len && good && out.len <= OUTPUT_BYTES_MAX; i++) {
        if ((i == 0 && first) || (i > 0 && text.ptr[i - 1] == '\n' && text.ptr[i] != '\n'))
            for (int j = 0; j < (int)width && good; j++)
                good = bytes_add(&out, " ", 1);
        good = good && bytes_add(&out, text.ptr + i, 1);
    }
    return take(c, &out, good);
}

static struct value slugify(const struct called *c, hexmcp_str text)
{
    struct bytes out = {0};
    bool gap = false, good = true;
    for (size_t i = 0; i < text.len && good; i++) {
        char b = text.ptr[i], low = b >= 'A' && b <= 'Z' ? (char)(b | 32) : b;
        bool stays = (low >= 'a' && low <= 'z') || (low >= '0' && low <= '9') || (low & 0x80) != 0;
        if (stays)
            good = (!gap || out.len == 0 || bytes_add(&out, "-", 1)) && bytes_add(&out, &low, 1);
        gap = !stays;
    }
    return take(c, &out, good);
}

static struct value split(const struct called *c, hexmcp_str text)
{
    hexmcp_str by = called_text(c, "pat", 0, " ");
    size_t count = 1, i = 0;
    if (by.len == 0)
        return called_fail(c, "pat is empty");
    for (const char *at = text.ptr; (at = memmem(at, text.len - (size_t)(at - text.ptr), by.ptr, by.len)); at += by.len)
        count++;
    struct value *items = render_memory(c->render, count * sizeof(*items));
    while (items && i < count) {
        const char *place = memmem(text.ptr, text.len, by.ptr, by.len);
        size_t len = place ? (size_t)(place - text.ptr) : text.len;
        items[i++] = value_of_text((hexmcp_str){text.ptr, len});
        text.ptr += len + (place ? by.len : 0);
        text.len -= len + (place ? by.len : 0);
    }
    return items ? value_of_array(items, count) : (struct value){0};
}

static const struct {
    const char *name;
    text_filter *run;
} filters[] = {
    {"lower", lower},         {"upper", upper},           {"title", title},
    {"capitalize", capitalize}, {"trim", trim},           {"trim_start", trim},
    {"trim_end", trim},       {"replace", replace},       {"truncate", truncate},
    {"wordcount", wordcount}, {"striptags", striptags},   {"escape", escape},
    {"e", escape},            {"safe", safe},             {"urlencode", urlencode},
    {"urlencode_strict", urlencode}, {"linebreaksbr", linebreaks}, {"nl2br", linebreaks},
    {"indent", indent},       {"slugify", slugify},       {"split", split},
};

bool filter_text(const struct called *c, struct value *value)
{
    for (size_t i = 0; i < sizeof(filters) / sizeof(filters[0]); i++) {
        if (!text_is(c->name, filters[i].name))
            continue;
        if (value->type >= VALUE_ARRAY && filters[i].run != safe)
            *value = called_fail(c, "it is for texts, but got %s", value_type_name(value));
        else
            *value = filters[i].run(c, value_text(c->render, value));
        return true;
    }
    return false;
}
