#include "core/schema/format.h"

/* A text that is read from its start. */
struct scan {
    const char *at;
    const char *end;
};

static bool is_digit(char c)
{
    return c >= '0' && c <= '9';
}

static bool is_hex(char c)
{
    return is_digit(c) || ((c | 0x20) >= 'a' && (c | 0x20) <= 'f');
}

static bool is_letter(char c)
{
    return (c | 0x20) >= 'a' && (c | 0x20) <= 'z';
}

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
        if (!is_digit(*s->at))
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
        while (s->at < s->end && is_digit(*s->at))
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

/* ---- addresses ----------------------------------------------------------------------------- */

/* Four decimal numbers without leading zeros. */
static bool is_ipv4(struct str text)
{
    struct scan s = {text.ptr, text.ptr + text.len};
    for (int i = 0; i < 4; i++) {
        int value = 0, digits = 0;
        if (i && !take(&s, '.'))
            return false;
        const char *start = s.at;
        for (; s.at < s.end && is_digit(*s.at) && digits < 4; digits++)
            value = value * 10 + (*s.at++ - '0');
        if (digits == 0 || value > 255 || (digits > 1 && *start == '0'))
            return false;
    }
    return s.at == s.end;
}

static size_t hex_run(const struct scan *s)
{
    size_t len = 0;
    while (s->at + len < s->end && is_hex(s->at[len]))
        len++;
    return len;
}

/* RFC 4291, section 2.2. */
static bool is_ipv6(struct str text)
{
    struct scan s = {text.ptr, text.ptr + text.len};
    int groups = 0;
    bool gap = false;
    if (str_starts(text, STR("::"))) {
        gap = true;
        s.at += 2;
    }
    while (s.at < s.end) {
        size_t len = hex_run(&s);
        if (s.at + len < s.end && s.at[len] == '.')
            return is_ipv4((struct str){s.at, (size_t)(s.end - s.at)}) &&
                   (gap ? groups < 6 : groups == 6);
        if (len == 0 || len > 4 || ++groups > 8)
            return false;
        s.at += len;
        if (s.at == s.end)
            break;
        if (!take(&s, ':') || s.at == s.end)
            return false;
        if (*s.at == ':') {
            if (gap)
                return false;
            gap = true;
            s.at++;
        }
    }
    return gap ? groups < 8 : groups == 8;
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
        if (c == '.' ? label == 0 : !is_letter(c) && !is_digit(c) && (c != '-' || edge))
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
                     : !is_letter(c) && !is_digit(c) && (!c || !strchr("!#$%&'*+-/=?^_`{|}~", c)))
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
        return is_ipv4(inner);
    return is_ipv6((struct str){inner.ptr + 5, inner.len - 5});
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

/* ---- URI: RFC 3986 ------------------------------------------------------------------------- */

/* Characters of a part: unreserved, escapes, sub-delims, and `more`. */
static bool are_uri_characters(struct str text, const char *more)
{
    for (size_t i = 0; i < text.len; i++) {
        char c = text.ptr[i];
        if (c == '%') {
            if (i + 2 >= text.len || !is_hex(text.ptr[i + 1]) || !is_hex(text.ptr[i + 2]))
                return false;
            i += 2;
        } else if (!is_letter(c) && !is_digit(c) &&
                   (!c || (!strchr("-._~!$&'()*+,;=", c) && !strchr(more, c)))) {
            return false;
        }
    }
    return true;
}

static struct str cut_before(struct str *rest, const char *stops)
{
    size_t len = 0;
    while (len < rest->len && (!rest->ptr[len] || !strchr(stops, rest->ptr[len])))
        len++;
    struct str head = {rest->ptr, len};
    rest->ptr += len;
    rest->len -= len;
    return head;
}

static bool is_port(struct str text)
{
    for (size_t i = 0; i < text.len; i++)
        if (!is_digit(text.ptr[i]))
            return false;
    return true;
}

static bool is_authority(struct str text)
{
    const char *sign = text.len ? memchr(text.ptr, '@', text.len) : NULL;
    if (sign) {
        struct str user = {text.ptr, (size_t)(sign - text.ptr)};
        if (!are_uri_characters(user, ":"))
            return false;
        text = (struct str){sign + 1, text.len - user.len - 1};
    }
    struct str host;
    if (text.len && text.ptr[0] == '[') {
        host = cut_before(&text, "]");
        if (text.len == 0 || !is_ipv6((struct str){host.ptr + 1, host.len - 1}))
            return false;
        text = (struct str){text.ptr + 1, text.len - 1};
    } else {
        host = cut_before(&text, ":");
        if (!are_uri_characters(host, ""))
            return false;
    }
    return text.len == 0 ||
           (text.ptr[0] == ':' && is_port((struct str){text.ptr + 1, text.len - 1}));
}

static bool is_scheme(struct str text)
{
    for (size_t i = 0; i < text.len; i++) {
        char c = text.ptr[i];
        if (!is_letter(c) && (i == 0 || (!is_digit(c) && c != '+' && c != '-' && c != '.')))
            return false;
    }
    return text.len > 0;
}

static bool is_uri(struct str text)
{
    struct str rest = text;
    struct str scheme = cut_before(&rest, ":/?#");
    if (rest.len == 0 || rest.ptr[0] != ':' || !is_scheme(scheme))
        return false;
    rest = (struct str){rest.ptr + 1, rest.len - 1};
    if (str_starts(rest, STR("//"))) {
        rest = (struct str){rest.ptr + 2, rest.len - 2};
        if (!is_authority(cut_before(&rest, "/?#")))
            return false;
    }
    struct str path = cut_before(&rest, "?#");
    struct str query = cut_before(&rest, "#");
    struct str fragment = rest.len ? (struct str){rest.ptr + 1, rest.len - 1} : rest;
    return are_uri_characters(path, ":@/") && are_uri_characters(query, ":@/?") &&
           are_uri_characters(fragment, ":@/?");
}

/* ---- the rest ------------------------------------------------------------------------------ */

static bool is_uuid(struct str text)
{
    if (text.len != 36)
        return false;
    for (size_t i = 0; i < text.len; i++) {
        bool hyphen = i == 8 || i == 13 || i == 18 || i == 23;
        if (hyphen ? text.ptr[i] != '-' : !is_hex(text.ptr[i]))
            return false;
    }
    return true;
}

static const struct format formats[] = {
    {STR_INIT("date"), "a date like 2025-12-31", is_date},
    {STR_INIT("date-time"), "a time like 2025-12-31T23:59:59Z", is_date_time},
    {STR_INIT("email"), "an e-mail address", is_email},
    {STR_INIT("ipv4"), "an IPv4 address", is_ipv4},
    {STR_INIT("ipv6"), "an IPv6 address", is_ipv6},
    {STR_INIT("time"), "a time of day like 23:59:59Z", is_time},
    {STR_INIT("uri"), "a URI with its scheme", is_uri},
    {STR_INIT("uuid"), "a UUID", is_uuid},
};

const struct format *format_find(struct str name)
{
    for (size_t i = 0; i < sizeof(formats) / sizeof(formats[0]); i++)
        if (str_eq(formats[i].name, name))
            return &formats[i];
    return NULL;
}
