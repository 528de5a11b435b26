#include "core/schema/format.h"

#include "core/uri/address.h"
#include "core/uri/characters.h"
#include "core/uri/uri.h"

/* A text that is read from its start. */
struct scan {
    const char *at;
    const char *end;
};

static bool take(struct scan *s, char c)
{
    if (s->at == s->end || *s->at != c)
        return false;
    s->at++;
    return true;
}

/* Exactly `count` digits; -1 if they are not there. */
static int take_digits(struct scan *s, int count)
{
    int value = 0;
    if (s->end - s->at < count)
        return -1;
    for (int i = 0; i < count; i++, s->at++) {
        if (!uri_is_digit(*s->at))
            return -1;
        value = value * 10 + (*s->at - '0');
    }
    return value;
}

/* ---- date and time: RFC 3339, section 5.6 -------------------------------------------------- */

static int days_in(int year, int month)
{
    static const int days[] = {31, 28, 31, 30, 31, 30, 31, 31, 30, 31, 30, 31};
    bool leap = year % 4 == 0 && (year % 100 != 0 || year % 400 == 0);
    return days[month - 1] + (month == 2 && leap);
}

static bool take_date(struct scan *s)
{
    int year = take_digits(s, 4);
    if (year < 0 || !take(s, '-'))
        return false;
    int month = take_digits(s, 2);
    if (month < 1 || month > 12 || !take(s, '-'))
        return false;
    int day = take_digits(s, 2);
    return day >= 1 && day <= days_in(year, month);
}

/* The offset in minutes. */
static bool take_offset(struct scan *s, int *minutes)
{
    *minutes = 0;
    if (take(s, 'Z') || take(s, 'z'))
        return true;
    bool west = take(s, '-');
    if (!west && !take(s, '+'))
        return false;
    int hour = take_digits(s, 2);
    if (hour < 0 || hour > 23 || !take(s, ':'))
        return false;
    int minute = take_digits(s, 2);
    *minutes = (west ? -1 : 1) * (hour * 60 + minute);
    return minute >= 0 && minute <= 59;
}

static bool take_time(struct scan *s)
{
    int offset;
    int hour = take_digits(s, 2);
    if (hour < 0 || hour > 23 || !take(s, ':'))
        return false;
    int minute = take_digits(s, 2);
    if (minute < 0 || minute > 59 || !take(s, ':'))
        return false;
    int second = take_digits(s, 2);
    if (second < 0 || second > 60)
        return false;
    if (take(s, '.')) {
        if (take_digits(s, 1) < 0)
            return false;
        while (s->at < s->end && uri_is_digit(*s->at))
            s->at++;
    }
    if (!take_offset(s, &offset))
        return false;
    /* A leap second comes at 23:59:60 UTC. */
    int utc = (hour * 60 + minute - offset + 2880) % 1440;
    return second < 60 || utc == 1439;
}

static bool is_date(struct str text)
{
    struct scan s = {text.ptr, text.ptr + text.len};
    return take_date(&s) && s.at == s.end;
}

static bool is_time(struct str text)
{
    struct scan s = {text.ptr, text.ptr + text.len};
    return take_time(&s) && s.at == s.end;
}

static bool is_date_time(struct str text)
{
    struct scan s = {text.ptr, text.ptr + text.len};
    return take_date(&s) && (take(&s, 'T') || take(&s, 't')) && take_time(&s) && s.at == s.end;
}

/* ---- host names and e-mail ----------------------------------------------------------------- */

/* RFC 1123: labels of letters, digits and inner hyphens. */
static bool is_host(struct str text)
{
    size_t label = 0;
    if (text.len == 0 || text.len > 253)
        return false;
    for (size_t i = 0; i < text.len; i++) {
        char c = text.ptr[i];
        bool edge = label == 0 || i + 1 == text.len || text.ptr[i + 1] == '.';
        if (c == '.' ? label == 0 : !uri_is_letter(c) && !uri_is_digit(c) && (c != '-' || edge))
            return false;
        label = c == '.' ? 0 : label + 1;
        if (label > 63)
            return false;
    }
    return label > 0;
}

static bool is_atom(struct str text)
{
    char before = '.';
    for (size_t i = 0; i < text.len; before = text.ptr[i++]) {
        char c = text.ptr[i];
        if (c == '.' ? before == '.'
                     : !uri_is_letter(c) && !uri_is_digit(c) && (!c || !strchr("!#$%&'*+-/=?^_`{|}~", c)))
            return false;
    }
    return text.len && before != '.';
}

static bool is_quoted(struct str text)
{
    if (text.len < 2 || text.ptr[0] != '"' || text.ptr[text.len - 1] != '"')
        return false;
    for (size_t i = 1; i + 1 < text.len; i++) {
        if (text.ptr[i] == '\\' && ++i + 1 == text.len)
            return false;
        if ((unsigned char)text.ptr[i] < 0x20 || (unsigned char)text.ptr[i] > 0x7E ||
            (text.ptr[i] == '"' && text.ptr[i - 1] != '\\'))
            return false;
    }
    return true;
}

static bool is_literal_address(struct str text)
{
    if (text.len < 2 || text.ptr[0] != '[' || text.ptr[text.len - 1] != ']')
        return false;
    struct str inner = {text.ptr + 1, text.len - 2};
    if (!str_starts(inner, STR("IPv6:")))
        return address_is_ipv4(inner);
    return address_is_ipv6((struct str){inner.ptr + 5, inner.len - 5});
}

/* RFC 5321, section 4.1.2. */
static bool is_email(struct str text)
{
    size_t at = text.len;
    while (at && text.ptr[at - 1] != '@')
        at--;
    if (at == 0)
        return false;
    struct str local = {text.ptr, at - 1}, domain = {text.ptr + at, text.len - at};
    return (is_atom(local) || is_quoted(local)) && (is_host(domain) || is_literal_address(domain));
}

/* ---- the rest ------------------------------------------------------------------------------ */

static bool is_uuid(struct str text)
{
    if (text.len != 36)
        return false;
    for (size_t i = 0; i < text.len; i++) {
        bool hyphen = i == 8 || i == 13 || i == 18 || i == 23;
        if (hyphen ? text.ptr[i] != '-' : hex_digit(text.ptr[i]) < 0)
            return false;
    }
    return true;
}

static const struct format formats[] = {
    {STR_INIT("date"), "a date like 2025-12-31", is_date},
    {STR_INIT("date-time"), "a time like 2025-12-31T23:59:59Z", is_date_time},
    {STR_INIT("email"), "an e-mail address", is_email},
    {STR_INIT("ipv4"), "an IPv4 address", address_is_ipv4},
    {STR_INIT("ipv6"), "an IPv6 address", address_is_ipv6},
    {STR_INIT("time"), "a time of day like 23:59:59Z", is_time},
    {STR_INIT("uri"), "a URI with its scheme", uri_is_valid},
    {STR_INIT("uuid"), "a UUID", is_uuid},
};

const struct format *format_find(struct str name)
{
    for (size_t i = 0; i < sizeof(formats) / sizeof(formats[0]); i++)
        if (str_eq(formats[i].name, name))
            return &formats[i];
    return NULL;
}
