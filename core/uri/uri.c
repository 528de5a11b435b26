#include "core/uri/uri.h"

#include "core/uri/address.h"
#include "core/uri/characters.h"
#include "core/uri/parts.h"

/* Characters of a part: unreserved, escapes, sub-delims, and `more`. */
static bool are_characters(struct str text, const char *more)
{
    for (size_t i = 0; i < text.len; i++) {
        char c = text.ptr[i];
        if (uri_escape_at(text, i) >= 0)
            i += 2;
        else if (!uri_is_unreserved(c) && !uri_is_one_of(c, "!$&'()*+,;=") &&
                 !uri_is_one_of(c, more))
            return false;
    }
    return true;
}

static bool is_scheme(struct str text)
{
    for (size_t i = 0; i < text.len; i++) {
        char c = text.ptr[i];
        if (!uri_is_letter(c) && (i == 0 || (!uri_is_digit(c) && !uri_is_one_of(c, "+-."))))
            return false;
    }
    return text.len > 0;
}

static bool is_port(struct str text)
{
    for (size_t i = 0; i < text.len; i++)
        if (!uri_is_digit(text.ptr[i]))
            return false;
    return true;
}

static size_t find(struct str text, char c)
{
    const char *found = text.len ? memchr(text.ptr, c, text.len) : NULL;
    return found ? (size_t)(found - text.ptr) : text.len;
}

static bool is_authority(struct str text)
{
    size_t sign = find(text, '@');
    if (sign < text.len) {
        if (!are_characters((struct str){text.ptr, sign}, ":"))
            return false;
        text = uri_behind(text, sign + 1);
    }
    size_t end = find(text, ':');
    if (text.len && text.ptr[0] == '[') {
        size_t close = find(text, ']');
        if (close == text.len || !address_is_ipv6((struct str){text.ptr + 1, close - 1}))
            return false;
        end = close + 1;
    } else if (!are_characters((struct str){text.ptr, end}, "")) {
        return false;
    }
    text = uri_behind(text, end);
    return text.len == 0 || (text.ptr[0] == ':' && is_port(uri_behind(text, 1)));
}

/* The part without the characters that introduce it. */
static struct str inner(struct str part, size_t lead)
{
    return part.len ? uri_behind(part, lead) : part;
}

static bool has_scheme(const struct uri_parts *p)
{
    return p->scheme.len && is_scheme((struct str){p->scheme.ptr, p->scheme.len - 1});
}

static const char *malformed_part(const struct uri_parts *p)
{
    if (!is_authority(inner(p->authority, 2)))
        return "host or port";
    if (!are_characters(p->path, ":@/"))
        return "path";
    if (!are_characters(inner(p->query, 1), ":@/?"))
        return "query";
    return are_characters(inner(p->fragment, 1), ":@/?") ? NULL : "fragment";
}

bool uri_is_valid(struct str uri)
{
    struct uri_parts p = uri_parts(uri);
    return has_scheme(&p) && !malformed_part(&p);
}

/* First, so that the text can name the byte. What may stand where is malformed_part's to say. */
static int check_characters(struct str uri, struct error *err)
{
    for (size_t i = 0; i < uri.len; i++) {
        unsigned char c = (unsigned char)uri.ptr[i];
        if (c == '%') {
            if (uri_escape_at(uri, i) < 0)
                return error_set(err, ST_INVALID,
                                 "the URI has a '%%' without two hexadecimal digits at byte %zu; "
                                 "write a plain '%%' as %%25",
                                 i);
            i += 2;
        } else if (!uri_is_unreserved((char)c) && !uri_is_reserved((char)c)) {
            return error_set(err, ST_INVALID,
                             "the URI has a character at byte %zu that must be escaped; write it "
                             "as %%%02X",
                             i, c);
        }
    }
    return ST_OK;
}

static bool is_word(struct str text, const char *lower)
{
    size_t len = strlen(lower);
    if (text.len != len)
        return false;
    for (size_t i = 0; i < len; i++) {
        char c = text.ptr[i];
        if ((uri_is_letter(c) ? (char)(c | 0x20) : c) != lower[i])
            return false;
    }
    return true;
}

/* True for "." and "..", whichever of the dots are escaped. */
static bool is_dots(struct str segment)
{
    size_t dots = 0;
    for (size_t i = 0; i < segment.len; i++, dots++) {
        if (uri_escape_at(segment, i) == '.')
            i += 2;
        else if (segment.ptr[i] != '.')
            return false;
    }
    return dots == 1 || dots == 2;
}

static int check_file_path(struct str path, struct error *err)
{
    for (size_t i = 0; i < path.len; i++) {
        int byte = uri_escape_at(path, i);
        if (byte == '/' || byte == '\0')
            return error_set(err, ST_INVALID,
                             "the path of the file URI holds %s; no file name can hold it",
                             byte ? "an escaped slash (%2F)" : "an escaped NUL (%00)");
    }
    while (path.len) {
        path = uri_behind(path, 1);
        size_t len = find(path, '/');
        if (is_dots((struct str){path.ptr, len}))
            return error_set(err, ST_INVALID,
                             "the path of the file URI has a segment \"%.*s\"; name the file "
                             "without \".\" and \"..\"",
                             STR_ARG(((struct str){path.ptr, len})));
        path = uri_behind(path, len);
    }
    return ST_OK;
}

static int check_file(const struct uri_parts *p, struct error *err)
{
    struct str host = inner(p->authority, 2);
    if (host.len && !is_word(host, "localhost"))
        return error_set(err, ST_INVALID,
                         "the file URI names the host \"%.*s\"; only files of this machine can be "
                         "named, as file:///path",
                         STR_ARG(host));
    if (p->path.len == 0 || p->path.ptr[0] != '/')
        return error_set(err, ST_INVALID,
                         "the file URI has no absolute path; write it as file:///path");
    return check_file_path(p->path, err);
}

int uri_check(struct str uri, struct error *err)
{
    if (uri.len > URI_MAX_BYTES)
        return error_set(err, ST_TOO_LARGE, "the URI has %zu bytes; at most %d are allowed",
                         uri.len, URI_MAX_BYTES);
    int status = check_characters(uri, err);
    if (status != ST_OK)
        return status;
    struct uri_parts p = uri_parts(uri);
    if (!has_scheme(&p))
        return error_set(err, ST_INVALID, "the URI does not begin with a scheme like file: or "
                                          "https:; relative references are not allowed");
    const char *part = malformed_part(&p);
    if (part)
        return error_set(err, ST_INVALID, "the %s of the URI is malformed (RFC 3986, section 3)",
                         part);
    return is_word(p.scheme, "file:") ? check_file(&p, err) : ST_OK;
}
