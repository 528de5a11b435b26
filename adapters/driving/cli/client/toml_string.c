#include "adapters/driving/cli/client/toml_value.h"

#include "core/json/utf8.h"

static int hex_digit(char c)
{
    if (c >= '0' && c <= '9')
        return c - '0';
    if (c >= 'a' && c <= 'f')
        return c - 'a' + 10;
    return c >= 'A' && c <= 'F' ? c - 'A' + 10 : -1;
}

/* \uXXXX and \UXXXXXXXX; `at` is behind the letter. */
static bool take_code(struct str text, size_t *at, int digits, struct buffer *out)
{
    uint32_t code = 0;
    char bytes[4];
    for (int i = 0; i < digits; i++, (*at)++) {
        int digit = *at < text.len ? hex_digit(text.ptr[*at]) : -1;
        if (digit < 0 || code > 0x10FFFF >> 4)
            return false;
        code = code << 4 | (uint32_t)digit;
    }
    if (code > 0x10FFFF || (code >= 0xD800 && code <= 0xDFFF))
        return false;
    buffer_add(out, bytes, utf8_encode(code, bytes));
    return true;
}

/* A backslash at the end of a line takes line breaks and space away. */
static bool take_line_end(struct str text, size_t *at)
{
    size_t i = *at;
    bool broke = false;
    while (i < text.len && strchr(" \t\r\n", text.ptr[i]) && text.ptr[i]) {
        bool feed = text.ptr[i] == '\n';
        if (!broke && !feed && text.ptr[i] == '\r' && !(i + 1 < text.len && text.ptr[i + 1] == '\n'))
            return false;
        broke |= feed;
        i++;
    }
    *at = i;
    return broke;
}

/* `at` is behind the backslash. */
static bool take_escape(struct str text, size_t *at, bool lines, struct buffer *out)
{
    static const char letters[] = "btnfr\"\\", means[] = "\b\t\n\f\r\"\\";
    if (*at >= text.len)
        return false;
    char c = text.ptr[*at];
    const char *letter = c ? strchr(letters, c) : NULL;
    if (letter) {
        buffer_add_char(out, means[letter - letters]);
        ++*at;
        return true;
    }
    if (c == 'u' || c == 'U') {
        ++*at;
        return take_code(text, at, c == 'u' ? 4 : 8, out);
    }
    return lines && take_line_end(text, at);
}

/* One character of a string: no control but tab and, in a string of many lines, line breaks. */
static bool take_character(struct str text, size_t *at, bool lines, struct buffer *out)
{
    const char *s = text.ptr + *at;
    size_t len = utf8_sequence(s, text.ptr + text.len);
    unsigned char c = (unsigned char)*s;
    bool feed = lines && (c == '\n' || (c == '\r' && *at + 1 < text.len && s[1] == '\n'));
    if (len == 0 || ((c < 0x20 || c == 0x7F) && c != '\t' && !feed))
        return false;
    buffer_add(out, s, len);
    *at += len;
    return true;
}

static size_t count_quotes(struct str text, size_t at, char quote)
{
    size_t n = 0;
    while (at + n < text.len && text.ptr[at + n] == quote)
        n++;
    return n;
}

/* A string in one pair of quotes. */
static bool take_short(struct str text, size_t *at, struct buffer *out)
{
    char quote = text.ptr[(*at)++];
    while (*at < text.len && text.ptr[*at] != quote) {
        if (quote == '"' && text.ptr[*at] == '\\') {
            ++*at;
            if (!take_escape(text, at, false, out))
                return false;
        } else if (!take_character(text, at, false, out)) {
            return false;
        }
    }
    return (*at)++ < text.len;
}

/* A string in three pairs of quotes. One or two of its last characters may be quotes too. */
static bool take_long(struct str text, size_t *at, struct buffer *out)
{
    char quote = text.ptr[*at];
    *at += 3;
    if (*at < text.len && text.ptr[*at] == '\r')
        ++*at;
    if (*at < text.len && text.ptr[*at] == '\n')
        ++*at;
    while (*at < text.len) {
        size_t quotes = count_quotes(text, *at, quote);
        if (quotes >= 3) {
            size_t inside = quotes > 5 ? 2 : quotes - 3;
            buffer_add(out, text.ptr + *at, inside);
            *at += inside + 3;
            return true;
        }
        if (quote == '"' && text.ptr[*at] == '\\') {
            ++*at;
            if (!take_escape(text, at, true, out))
                return false;
        } else if (!take_character(text, at, true, out)) {
            return false;
        }
    }
    return false;
}

bool toml_take_string(struct str text, size_t *at, bool lines, struct buffer *out)
{
    if (lines && count_quotes(text, *at, text.ptr[*at]) >= 3)
        return take_long(text, at, out);
    return take_short(text, at, out);
}

bool toml_string(struct str text, size_t at, struct buffer *out)
{
    if (at >= text.len || (text.ptr[at] != '"' && text.ptr[at] != '\''))
        return false;
    return toml_take_string(text, &at, true, out);
}

void toml_quote(struct buffer *out, struct str text)
{
    static const char digits[] = "0123456789abcdef";
    buffer_add_char(out, '"');
    for (size_t i = 0; i < text.len; i++) {
        unsigned char c = (unsigned char)text.ptr[i];
        if (c < 0x20 || c == 0x7F) {
            buffer_add_str(out, STR("\\u00"));
            buffer_add_char(out, digits[c >> 4]);
            buffer_add_char(out, digits[c & 15]);
            continue;
        }
        if (c == '"' || c == '\\')
            buffer_add_char(out, '\\');
        buffer_add_char(out, (char)c);
    }
    buffer_add_char(out, '"');
}
