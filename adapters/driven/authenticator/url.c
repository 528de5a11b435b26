#include "adapters/driven/authenticator/url.h"

static bool is_host_char(char c)
{
    return (c >= 'a' && c <= 'z') || (c >= '0' && c <= '9') || c == '-' || c == '.' || c == ':' ||
           c == '[' || c == ']';
}

static bool is_loopback(struct str authority)
{
    static const char *const names[] = {"localhost", "127.0.0.1", "[::1]"};
    for (size_t i = 0; i < sizeof(names) / sizeof(names[0]); i++) {
        struct str name = str_from(names[i]);
        if (str_starts(authority, name) &&
            (authority.len == name.len || authority.ptr[name.len] == ':'))
            return true;
    }
    return false;
}

static bool is_clean(struct str rest, bool *has_query)
{
    for (size_t i = 0; i < rest.len; i++) {
        char c = rest.ptr[i];
        if (c <= 0x20 || c >= 0x7f || c == '#' || c == '"' || c == '\\' || c == '<' || c == '>')
            return false;
        *has_query = *has_query || c == '?';
    }
    return true;
}

bool url_parse(struct str text, struct url *out)
{
    const bool plain = str_starts(text, STR("http://"));
    const size_t begin = plain ? 7 : 8;
    struct url url = {.has_query = false};
    size_t at = begin;
    if (!plain && !str_starts(text, STR("https://")))
        return false;
    while (at < text.len && is_host_char(text.ptr[at]))
        at++;
    struct str rest = {text.ptr + at, text.len - at};
    if (at == begin || (rest.len && rest.ptr[0] != '/' && rest.ptr[0] != '?') ||
        !is_clean(rest, &url.has_query))
        return false;
    url.loopback = is_loopback((struct str){text.ptr + begin, at - begin});
    url.origin = (struct str){text.ptr, at};
    url.path = rest;
    if (plain && !url.loopback)
        return false;
    *out = url;
    return true;
}
