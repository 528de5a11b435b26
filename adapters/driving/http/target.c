/* Request targets: "/path?query", or the same behind "http://host". */
#include "adapters/driving/http/server.h"
#include "core/base/hex.h"

/* Decodes in place; false if it is malformed or hides a byte that no path has. */
static bool decode(char *text, size_t *len)
{
    size_t to = 0;
    for (size_t i = 0; i < *len; i++, to++) {
        unsigned char c = (unsigned char)text[i];
        if (c == '%') {
            if (i + 2 >= *len || hex_digit(text[i + 1]) < 0 || hex_digit(text[i + 2]) < 0)
                return false;
            c = (unsigned char)(hex_digit(text[i + 1]) << 4 | hex_digit(text[i + 2]));
            i += 2;
        }
        if (c < ' ' || c == 0x7f)
            return false;
        text[to] = (char)c;
    }
    *len = to;
    return true;
}

/* A segment "." or "..", which no route means. */
static bool has_dots(struct str path)
{
    size_t begin = 0;
    for (size_t i = 0; i <= path.len; i++) {
        if (i < path.len && path.ptr[i] != '/')
            continue;
        size_t len = i - begin;
        if ((len == 1 && path.ptr[begin] == '.') ||
            (len == 2 && path.ptr[begin] == '.' && path.ptr[begin + 1] == '.'))
            return true;
        begin = i + 1;
    }
    return false;
}

static bool starts_with(const char *text, const char *lower)
{
    for (; *lower; text++, lower++)
        if ((*text | 0x20) != *lower && *text != *lower)
            return false;
    return true;
}

/* The length of "http://authority" in front; 0 if there is none. */
static size_t authority_end(const char *uri, struct str *authority)
{
    size_t scheme = starts_with(uri, "http://") ? 7 : starts_with(uri, "https://") ? 8 : 0;
    if (!scheme)
        return 0;
    size_t len = strcspn(uri + scheme, "/?#");
    *authority = (struct str){uri + scheme, len};
    return scheme + len;
}

bool target_parse(const char *uri, struct http_exchange *x)
{
    buffer_reset(&x->target, 1024);
    x->path = x->query = x->authority = (struct str){NULL, 0};
    if (!uri || strpbrk(uri, " \t#"))
        return false;
    size_t len = strlen(uri);
    buffer_add(&x->target, uri, len + 1);
    if (buffer_failed(&x->target))
        return false;
    char *at = x->target.data;
    size_t skip = authority_end(at, &x->authority);
    at += skip;
    size_t path = strcspn(at, "?");
    if (at[path] == '?')
        x->query = (struct str){at + path + 1, len - skip - path - 1};
    if (skip && !path) {
        x->path = STR("/");
        return x->authority.len > 0;
    }
    if (!decode(at, &path))
        return false;
    x->path = (struct str){at, path};
    if (skip && !x->authority.len)
        return false;
    return (at[0] == '/' && !has_dots(x->path)) || str_eq(x->path, STR("*"));
}
