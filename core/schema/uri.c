#include "core/schema/uri.h"

#include "core/base/buffer.h"

struct parts {
    struct str scheme; /* with ':' */
    struct str authority; /* with "//" */
    struct str path;
    struct str query; /* with '?' */
    bool has_fragment;
    struct str fragment; /* with '#' */
};

static struct str cut(struct str *from, size_t len)
{
    struct str head = {from->ptr, len};
    from->ptr += len;
    from->len -= len;
    return head;
}

static size_t find_any(struct str s, const char *stops)
{
    size_t at = 0;
    while (at < s.len && !strchr(stops, s.ptr[at]))
        at++;
    return at;
}

static struct parts parse(struct str s)
{
    struct parts p = {0};
    size_t colon = find_any(s, ":/?#");
    if (colon > 0 && colon < s.len && s.ptr[colon] == ':')
        p.scheme = cut(&s, colon + 1);
    if (s.len >= 2 && s.ptr[0] == '/' && s.ptr[1] == '/') {
        struct str rest = {s.ptr + 2, s.len - 2};
        p.authority = cut(&s, 2 + find_any(rest, "/?#"));
    }
    p.path = cut(&s, find_any(s, "?#"));
    p.query = cut(&s, find_any(s, "#"));
    p.has_fragment = s.len > 0;
    p.fragment = s;
    return p;
}

void uri_split(struct str uri, struct str *without, struct str *fragment)
{
    const char *hash = uri.len ? memchr(uri.ptr, '#', uri.len) : NULL;
    size_t len = hash ? (size_t)(hash - uri.ptr) : uri.len;
    *without = (struct str){uri.ptr, len};
    *fragment = hash ? (struct str){hash + 1, uri.len - len - 1} : (struct str){"", 0};
}

/* RFC 3986, 5.2.4, one segment at a time. */
static void add_without_dots(struct buffer *out, struct str path)
{
    size_t start = out->len;
    while (path.len) {
        struct str rest = {path.ptr + 1, path.len - 1};
        struct str segment = cut(&path, 1 + find_any(rest, "/"));
        bool last = path.len == 0;
        bool slash = segment.ptr[0] == '/';
        struct str name = slash ? (struct str){segment.ptr + 1, segment.len - 1} : segment;
        if (str_eq(name, STR("."))) {
            if (last && slash)
                buffer_add_char(out, '/');
        } else if (str_eq(name, STR(".."))) {
            while (out->len > start && out->data[out->len - 1] != '/')
                out->len--;
            if (out->len > start)
                out->len--;
            if (last)
                buffer_add_char(out, '/');
        } else {
            buffer_add_str(out, segment);
        }
    }
}

static void add_merged(struct buffer *out, const struct parts *base, struct str path)
{
    struct buffer merged = BUFFER_INIT;
    size_t keep = base->path.len;
    while (keep && base->path.ptr[keep - 1] != '/')
        keep--;
    if (keep == 0 && base->authority.len)
        buffer_add_char(&merged, '/');
    buffer_add(&merged, base->path.ptr, keep);
    buffer_add_str(&merged, path);
    add_without_dots(out, buffer_str(&merged));
    buffer_clear(&merged);
}

static void compose(struct buffer *out, struct str base_text, struct str reference)
{
    struct parts base = parse(base_text), ref = parse(reference);
    bool own = ref.scheme.len > 0;
    buffer_add_str(out, own ? ref.scheme : base.scheme);
    if (own || ref.authority.len) {
        buffer_add_str(out, ref.authority);
        add_without_dots(out, ref.path);
        buffer_add_str(out, ref.query);
    } else {
        buffer_add_str(out, base.authority);
        if (ref.path.len == 0) {
            buffer_add_str(out, base.path);
            buffer_add_str(out, ref.query.len ? ref.query : base.query);
        } else {
            if (ref.path.ptr[0] == '/')
                add_without_dots(out, ref.path);
            else
                add_merged(out, &base, ref.path);
            buffer_add_str(out, ref.query);
        }
    }
    buffer_add_str(out, ref.fragment);
}

struct str uri_resolve(struct arena *arena, struct str base, struct str reference)
{
    struct buffer out = BUFFER_INIT;
    compose(&out, base, reference);
    struct str result = {NULL, 0};
    if (buffer_failed(&out))
        arena->failed = true;
    else if (out.len <= URI_MAX_BYTES)
        result = arena_copy(arena, buffer_str(&out));
    buffer_clear(&out);
    return result;
}

static int hex_digit(char c)
{
    if (c >= '0' && c <= '9')
        return c - '0';
    c = (char)(c | 0x20);
    return c >= 'a' && c <= 'f' ? c - 'a' + 10 : -1;
}

struct str uri_decode(struct arena *arena, struct str text)
{
    char *out = arena_alloc(arena, text.len + 1);
    size_t len = 0;
    for (size_t i = 0; out && i < text.len; i++) {
        int high = text.ptr[i] == '%' && i + 2 < text.len ? hex_digit(text.ptr[i + 1]) : -1;
        int low = high >= 0 ? hex_digit(text.ptr[i + 2]) : -1;
        out[len++] = low >= 0 ? (char)(high * 16 + low) : text.ptr[i];
        i += low >= 0 ? 2 : 0;
    }
    return (struct str){out, len};
}
