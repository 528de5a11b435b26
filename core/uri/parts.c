#include "core/uri/parts.h"

#include "core/uri/characters.h"

static struct str cut(struct str *from, size_t len)
{
    struct str head = {from->ptr, len};
    *from = uri_behind(*from, len);
    return head;
}

static size_t find_any(struct str s, const char *stops)
{
    size_t at = 0;
    while (at < s.len && !uri_is_one_of(s.ptr[at], stops))
        at++;
    return at;
}

struct uri_parts uri_parts(struct str text)
{
    struct uri_parts p = {0};
    size_t colon = find_any(text, ":/?#");
    if (colon > 0 && colon < text.len && text.ptr[colon] == ':')
        p.scheme = cut(&text, colon + 1);
    if (str_starts(text, STR("//")))
        p.authority = cut(&text, 2 + find_any(uri_behind(text, 2), "/?#"));
    p.path = cut(&text, find_any(text, "?#"));
    p.query = cut(&text, find_any(text, "#"));
    p.fragment = text;
    return p;
}
