#include "adapters/driven/plugin_host/names.h"

static bool is_digit(char c)
{
    return c >= '0' && c <= '9';
}

static bool is_lower(char c)
{
    return c >= 'a' && c <= 'z';
}

static bool is_alnum(char c)
{
    return is_digit(c) || is_lower(c) || (c >= 'A' && c <= 'Z');
}

bool name_is_plugin_id(struct str text)
{
    size_t dots = 0;
    char before = '.';
    if (text.len > 127)
        return false;
    for (size_t i = 0; i < text.len; i++) {
        char c = text.ptr[i];
        if (c == '.') {
            if (before == '.')
                return false;
            dots++;
        } else if (!is_lower(c) && !is_digit(c) && c != '-') {
            return false;
        }
        before = c;
    }
    return dots > 0 && before != '.';
}

/* Takes a number without leading zeros from the front. */
static bool take_number(struct str *text)
{
    size_t n = 0;
    while (n < text->len && is_digit(text->ptr[n]))
        n++;
    if (n == 0 || (n > 1 && text->ptr[0] == '0'))
        return false;
    *text = (struct str){text->ptr + n, text->len - n};
    return true;
}

static bool take_char(struct str *text, char c)
{
    if (text->len == 0 || text->ptr[0] != c)
        return false;
    *text = (struct str){text->ptr + 1, text->len - 1};
    return true;
}

/* One identifier of a pre-release or build part; numbers of a pre-release have no leading zero. */
static bool take_identifier(struct str *text, bool strict)
{
    size_t n = 0;
    bool digits = true;
    for (; n < text->len && (is_alnum(text->ptr[n]) || text->ptr[n] == '-'); n++)
        digits = digits && is_digit(text->ptr[n]);
    if (n == 0 || (strict && digits && n > 1 && text->ptr[0] == '0'))
        return false;
    *text = (struct str){text->ptr + n, text->len - n};
    return true;
}

static bool take_identifiers(struct str *text, bool strict)
{
    do {
        if (!take_identifier(text, strict))
            return false;
    } while (take_char(text, '.'));
    return true;
}

bool name_is_version(struct str text)
{
    if (text.len > 31 || !take_number(&text) || !take_char(&text, '.') || !take_number(&text) ||
        !take_char(&text, '.') || !take_number(&text))
        return false;
    if (take_char(&text, '-') && !take_identifiers(&text, true))
        return false;
    if (take_char(&text, '+') && !take_identifiers(&text, false))
        return false;
    return text.len == 0;
}

bool name_is_interface(struct str text)
{
    const char *slash = text.len ? memchr(text.ptr, '/', text.len) : NULL;
    if (!slash)
        return false;
    struct str id = {text.ptr, (size_t)(slash - text.ptr)};
    struct str revision = {slash + 1, text.len - id.len - 1};
    return name_is_plugin_id(id) && revision.len <= 9 && revision.len > 0 &&
           revision.ptr[0] != '0' && take_number(&revision) && revision.len == 0;
}

bool name_is_tool(struct str text)
{
    if (text.len == 0 || text.len > 64)
        return false;
    for (size_t i = 0; i < text.len; i++) {
        char c = text.ptr[i];
        if (!is_alnum(c) && c != '_' && c != '.' && c != '-')
            return false;
    }
    return true;
}

bool name_is_digest(struct str text)
{
    if (!str_starts(text, STR("sha256:")) || text.len != 7 + 64)
        return false;
    for (size_t i = 7; i < text.len; i++)
        if (!is_digit(text.ptr[i]) && !(text.ptr[i] >= 'a' && text.ptr[i] <= 'f'))
            return false;
    return true;
}
