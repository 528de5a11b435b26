/*
 * SPDX-License-Identifier: MIT
 */
#include "encodings.h"

#include <errno.h>
#include <iconv.h>
#include <string.h>
#include <strings.h>

const char *const encoding_names[] = {
    "utf-8",        "utf-16le",     "utf-16be",     "windows-1252", "iso-8859-1",   "ascii",
    "utf-32le",     "utf-32be",     "windows-1250", "windows-1251", "windows-1253", "windows-1254",
    "windows-1255", "windows-1256", "windows-1257", "windows-1258", "iso-8859-2",   "iso-8859-3",
    "iso-8859-4",   "iso-8859-5",   "iso-8859-6",   "iso-8859-7",   "iso-8859-8",   "iso-8859-9",
    "iso-8859-10",  "iso-8859-11",  "iso-8859-13",  "iso-8859-14",  "iso-8859-15",  "iso-8859-16",
    "koi8-r",       "koi8-u",       "macintosh",    "mac-cyrillic", "ibm437",       "ibm850",
    "ibm852",       "ibm855",       "ibm865",       "ibm866",       "tis-620",      "viscii",
    "shift_jis",    "euc-jp",       "iso-2022-jp",  "gb18030",      "big5",         "euc-kr",
    "uhc",          "euc-tw",       NULL};

/* 0x80 to 0x9f of Windows-1252; 0: not there. */
static const uint16_t windows_1252[32] = {
    0x20ac, 0,      0x201a, 0x0192, 0x201e, 0x2026, 0x2020, 0x2021, 0x02c6, 0x2030, 0x0160,
    0x2039, 0x0152, 0,      0x017d, 0,      0,      0x2018, 0x2019, 0x201c, 0x201d, 0x2022,
    0x2013, 0x2014, 0x02dc, 0x2122, 0x0161, 0x203a, 0x0153, 0,      0x017e, 0x0178};

static const char *const other_names[][2] = {
    {"utf8", "utf-8"},          {"utf-16", "utf-16le"},     {"utf16", "utf-16le"},
    {"utf16le", "utf-16le"},    {"utf16be", "utf-16be"},    {"utf-32", "utf-32le"},
    {"latin1", "iso-8859-1"},   {"latin-1", "iso-8859-1"},  {"iso8859-1", "iso-8859-1"},
    {"latin9", "iso-8859-15"},  {"latin-9", "iso-8859-15"}, {"us-ascii", "ascii"},
    {"cp1250", "windows-1250"}, {"cp1251", "windows-1251"}, {"cp1252", "windows-1252"},
    {"ansi", "windows-1252"},   {"cp437", "ibm437"},        {"cp850", "ibm850"},
    {"cp852", "ibm852"},        {"cp866", "ibm866"},        {"sjis", "shift_jis"},
    {"shift-jis", "shift_jis"}, {"gbk", "gb18030"},         {"gb2312", "gb18030"},
    {"big-5", "big5"},          {"cp949", "uhc"},           {"mac-roman", "macintosh"},
    {"macroman", "macintosh"}};

int encoding_find(const char *name)
{
    for (size_t i = 0; i < sizeof(other_names) / sizeof(other_names[0]); i++)
        if (strcasecmp(other_names[i][0], name) == 0)
            name = other_names[i][1];
    for (int i = 0; encoding_names[i]; i++)
        if (strcasecmp(encoding_names[i], name) == 0)
            return i;
    return -1;
}

hexmcp_str encoding_mark(int encoding)
{
    switch (encoding) {
    case ENCODING_UTF8:
        return (hexmcp_str){"\xef\xbb\xbf", 3};
    case ENCODING_UTF16LE:
        return (hexmcp_str){"\xff\xfe", 2};
    case ENCODING_UTF16BE:
        return (hexmcp_str){"\xfe\xff", 2};
    default:
        if (strcmp(encoding_names[encoding], "utf-32le") == 0)
            return (hexmcp_str){"\xff\xfe\0\0", 4};
        if (strcmp(encoding_names[encoding], "utf-32be") == 0)
            return (hexmcp_str){"\0\0\xfe\xff", 4};
        return (hexmcp_str){"", 0};
    }
}

size_t utf8_next(hexmcp_str text, uint32_t *character)
{
    static const uint32_t least[] = {0, 0, 0x80, 0x800, 0x10000};
    const unsigned char *at = (const unsigned char *)text.ptr;
    if (text.len == 0)
        return 0;
    size_t len = at[0] < 0x80 ? 1 : at[0] < 0xc0 ? 0 : at[0] < 0xe0 ? 2 : at[0] < 0xf0 ? 3 : 4;
    if (len == 0 || len > text.len || at[0] > 0xf4)
        return 0;
    uint32_t value = len == 1 ? at[0] : at[0] & (0xffu >> (len + 1));
    for (size_t i = 1; i < len; i++) {
        if ((at[i] & 0xc0) != 0x80)
            return 0;
        value = value << 6 | (at[i] & 0x3f);
    }
    if (value < least[len] || value > 0x10ffff || (value >= 0xd800 && value < 0xe000))
        return 0;
    *character = value;
    return len;
}

/* ---- to UTF-8 ---- */

struct decoding {
    hexmcp_str left;
    uint64_t done;
    bool lossy;
    struct bytes *out;
    uint64_t *replaced;
    struct misfit *misfit;
    struct meter *meter;
};

static enum outcome look(const struct decoding *d)
{
    return meter_goes_on(d->meter, (double)d->done) ? OUTCOME_DONE : OUTCOME_STOPPED;
}

/* Passes over `len` bytes that are no text. */
static enum outcome pass(struct decoding *d, size_t len)
{
    if (!d->lossy) {
        *d->misfit = (struct misfit){.at = d->done, .character = (unsigned char)d->left.ptr[0]};
        return OUTCOME_MISFIT;
    }
    if (!bytes_add(d->out, "\xef\xbf\xbd", 3))
        return OUTCOME_NO_MEMORY;
    ++*d->replaced;
    len = len < d->left.len ? len : d->left.len;
    d->left.ptr += len;
    d->left.len -= len;
    d->done += len;
    return OUTCOME_DONE;
}

static enum outcome decode_utf8(struct decoding *d)
{
    enum outcome outcome = OUTCOME_DONE;
    while (outcome == OUTCOME_DONE && d->left.len > 0) {
        uint32_t character;
        hexmcp_str rest = d->left;
        size_t len;
        while (d->left.len - rest.len < METER_BYTES && (len = utf8_next(rest, &character)) > 0) {
            rest.ptr += len;
            rest.len -= len;
        }
        len = d->left.len - rest.len;
        if (!bytes_add(d->out, d->left.ptr, len))
            return OUTCOME_NO_MEMORY;
        d->left = rest;
        d->done += len;
        if (len < METER_BYTES && rest.len > 0)
            outcome = pass(d, 1);
        if (outcome == OUTCOME_DONE)
            outcome = look(d);
    }
    return outcome;
}

/* One piece; *unit is how many bytes are passed over if they are no text. */
static enum outcome convert_piece(iconv_t cd, struct decoding *d, size_t unit)
{
    char piece[16384], *to = piece, *from = (char *)(uintptr_t)d->left.ptr;
    size_t room = sizeof(piece), left = d->left.len;
    size_t rc = iconv(cd, &from, &left, &to, &room);
    int failure = rc == (size_t)-1 ? errno : 0;
    if (!bytes_add(d->out, piece, sizeof(piece) - room))
        return OUTCOME_NO_MEMORY;
    d->done += d->left.len - left;
    d->left = (hexmcp_str){from, left};
    if (failure == 0 || failure == E2BIG)
        return OUTCOME_DONE;
    /* EINVAL: half a character at the end. */
    return pass(d, failure == EINVAL ? left : unit);
}

static enum outcome decode_by_system(struct decoding *d, int encoding)
{
    iconv_t cd = iconv_open("UTF-8", encoding_names[encoding]);
    size_t unit = strncmp(encoding_names[encoding], "utf-", 4) == 0 ? encoding_mark(encoding).len : 1;
    enum outcome outcome = OUTCOME_DONE;
    if (cd == (iconv_t)-1)
        return OUTCOME_UNKNOWN;
    while (outcome == OUTCOME_DONE && d->left.len > 0) {
        outcome = convert_piece(cd, d, unit);
        if (outcome == OUTCOME_DONE)
            outcome = look(d);
    }
    /* What an encoding with states keeps back. */
    char last[64], *to = last;
    size_t room = sizeof(last);
    if (outcome == OUTCOME_DONE && iconv(cd, NULL, NULL, &to, &room) != (size_t)-1 &&
        !bytes_add(d->out, last, sizeof(last) - room))
        outcome = OUTCOME_NO_MEMORY;
    iconv_close(cd);
    return outcome;
}

enum outcome encoding_decode(int encoding, hexmcp_str text, bool lossy, struct bytes *out,
                             uint64_t *replaced, struct misfit *misfit, struct meter *meter)
{
    struct decoding d = {text, 0, lossy, out, replaced, misfit, meter};
    return encoding == ENCODING_UTF8 ? decode_utf8(&d) : decode_by_system(&d, encoding);
}

/* ---- from UTF-8 ---- */

static size_t put_utf16(uint32_t c, bool big, unsigned char *out)
{
    uint16_t units[2] = {(uint16_t)c, 0};
    size_t count = 1;
    if (c >= 0x10000) {
        units[0] = (uint16_t)(0xd800 + ((c - 0x10000) >> 10));
        units[1] = (uint16_t)(0xdc00 + ((c - 0x10000) & 0x3ff));
        count = 2;
    }
    for (size_t i = 0; i < count; i++) {
        out[2 * i + !big] = (unsigned char)(units[i] >> 8);
        out[2 * i + big] = (unsigned char)units[i];
    }
    return 2 * count;
}

static size_t put_windows_1252(uint32_t c, unsigned char *out)
{
    if (c < 0x80 || (c >= 0xa0 && c < 0x100)) {
        out[0] = (unsigned char)c;
        return 1;
    }
    for (unsigned i = 0; i < 32; i++) {
        if (windows_1252[i] == c) {
            out[0] = (unsigned char)(0x80 + i);
            return 1;
        }
    }
    return 0;
}

/* The bytes of a character; 0 if the encoding has it not. */
static size_t put(enum encoding encoding, uint32_t c, unsigned char out[4])
{
    switch (encoding) {
    case ENCODING_UTF16LE:
    case ENCODING_UTF16BE:
        return put_utf16(c, encoding == ENCODING_UTF16BE, out);
    case ENCODING_WINDOWS_1252:
        return put_windows_1252(c, out);
    default:
        out[0] = (unsigned char)c;
        return c < (encoding == ENCODING_ASCII ? 0x80u : 0x100u);
    }
}

enum outcome encoding_encode(enum encoding encoding, hexmcp_str utf8, bool lossy, struct bytes *out,
                             uint64_t *replaced, struct misfit *misfit, struct meter *meter)
{
    struct misfit here = {.line = 1, .column = 1};
    size_t len, whole = utf8.len, looked = 0;
    if (encoding == ENCODING_UTF8)
        return bytes_add(out, utf8.ptr, utf8.len) ? OUTCOME_DONE : OUTCOME_NO_MEMORY;
    while ((len = utf8_next(utf8, &here.character)) > 0) {
        unsigned char unit[4];
        size_t count = put(encoding, here.character, unit);
        if (count == 0 && !lossy) {
            *misfit = here;
            return OUTCOME_MISFIT;
        }
        *replaced += count == 0;
        if (!bytes_add(out, count ? (char *)unit : "?", count ? count : 1))
            return OUTCOME_NO_MEMORY;
        bool ends = here.character == '\n';
        here.line += ends;
        here.column = ends ? 1 : here.column + 1;
        utf8.ptr += len;
        utf8.len -= len;
        if (whole - utf8.len - looked < METER_BYTES)
            continue;
        looked = whole - utf8.len;
        if (!meter_goes_on(meter, (double)looked))
            return OUTCOME_STOPPED;
    }
    return OUTCOME_DONE;
}
