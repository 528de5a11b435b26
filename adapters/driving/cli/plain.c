#include "adapters/driving/cli/plain.h"

#include <stdint.h>
#include <string.h>

#include "core/json/utf8.h"

struct range {
    uint32_t first, last;
};

static const struct range hidden[] = {
    {0x00, 0x08},     {0x0B, 0x1F},     {0x7F, 0x9F},     {0xAD, 0xAD},
    {0x200B, 0x200F}, {0x2028, 0x202E}, {0x2060, 0x206F}, {0xFEFF, 0xFEFF},
    {0xE0000, 0xE007F},
};

/* Marks that stand on the character before them. */
static const struct range narrow[] = {
    {0x300, 0x36F}, {0x483, 0x489}, {0x591, 0x5BD}, {0x64B, 0x65F}, {0x93C, 0x93C},
    {0x1AB0, 0x1AFF}, {0x1DC0, 0x1DFF}, {0x20D0, 0x20FF}, {0xFE00, 0xFE0F}, {0xFE20, 0xFE2F},
};

static const struct range wide[] = {
    {0x1100, 0x115F}, {0x2E80, 0x303E}, {0x3041, 0xA4CF}, {0xAC00, 0xD7A3}, {0xF900, 0xFAFF},
    {0xFE30, 0xFE6F}, {0xFF00, 0xFF60}, {0xFFE0, 0xFFE6}, {0x1F300, 0x1F64F}, {0x1F680, 0x1F6FF},
    {0x1F900, 0x1F9FF}, {0x20000, 0x3FFFD},
};

#define IN(ranges, code) is_in(ranges, sizeof(ranges) / sizeof((ranges)[0]), code)

static bool is_in(const struct range *ranges, size_t count, uint32_t code)
{
    for (size_t i = 0; i < count; i++)
        if (code >= ranges[i].first && code <= ranges[i].last)
            return true;
    return false;
}

/* The character of `len` bytes at `s`. */
static uint32_t code_point(const char *s, size_t len)
{
    static const unsigned char lead[] = {0, 0x7F, 0x1F, 0x0F, 0x07};
    uint32_t code = (unsigned char)s[0] & lead[len];
    for (size_t i = 1; i < len; i++)
        code = code << 6 | ((unsigned char)s[i] & 0x3F);
    return code;
}

/* One character as it is shown. */
struct shown {
    char text[16];
    size_t len;
    unsigned columns;
};

/* Takes the next character from *at. */
static struct shown next_shown(const char **at, const char *end)
{
    struct shown shown = {.columns = 1};
    size_t len = utf8_sequence(*at, end);
    uint32_t code = len ? code_point(*at, len) : 0xFFFD;
    if (!len) {
        shown.len = 3;
        memcpy(shown.text, "\xEF\xBF\xBD", shown.len);
    } else if (IN(hidden, code)) {
        shown.len = (size_t)snprintf(shown.text, sizeof(shown.text),
                                     code > 0xFFFF ? "\\u{%x}" : "\\u%04x", code);
        shown.columns = (unsigned)shown.len;
    } else {
        shown.len = len;
        memcpy(shown.text, *at, len);
        shown.columns = IN(narrow, code) ? 0 : IN(wide, code) ? 2 : 1;
    }
    *at += len ? len : 1;
    return shown;
}

void plain_put(FILE *out, struct str text)
{
    const char *at = text.ptr, *end = text.ptr + text.len;
    while (at < end) {
        struct shown shown = next_shown(&at, end);
        fwrite(shown.text, 1, shown.len, out);
    }
}

bool plain_changes(struct str text)
{
    const char *at = text.ptr, *end = text.ptr + text.len;
    while (at < end) {
        size_t len = utf8_sequence(at, end);
        if (!len || IN(hidden, code_point(at, len)))
            return true;
        at += len;
    }
    return false;
}

void plain_print(struct str text)
{
    plain_put(stdout, text);
}

static struct shown next_on_line(const char **at, const char *end)
{
    struct shown shown = next_shown(at, end);
    if (shown.text[0] == '\n' || shown.text[0] == '\t')
        shown.text[0] = ' ';
    return shown;
}

unsigned plain_columns(struct str text)
{
    const char *at = text.ptr, *end = text.ptr + text.len;
    unsigned columns = 0;
    while (at < end)
        columns += next_on_line(&at, end).columns;
    return columns;
}

unsigned plain_put_line(FILE *out, struct str text, unsigned columns)
{
    static const struct str more = STR_INIT("...");
    const char *at = text.ptr, *end = text.ptr + text.len;
    bool cut = columns && plain_columns(text) > columns;
    unsigned room = !cut ? (unsigned)-1 : columns > more.len ? columns - (unsigned)more.len : 0;
    unsigned used = 0;
    while (at < end) {
        struct shown shown = next_on_line(&at, end);
        if (used + shown.columns > room)
            break;
        used += shown.columns;
        fwrite(shown.text, 1, shown.len, out);
    }
    if (cut && columns >= more.len) {
        fwrite(more.ptr, 1, more.len, out);
        used += (unsigned)more.len;
    }
    return used;
}
