#include "core/uri/reference.h"

#include "core/base/buffer.h"
#include "core/uri/characters.h"
#include "core/uri/parts.h"

static size_t find_slash(struct str s)
{
    const char *slash = s.len ? memchr(s.ptr, '/', s.len) : NULL;
    return slash ? (size_t)(slash - s.ptr) : s.len;
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
        struct str segment = {path.ptr, 1 + find_slash(uri_behind(path, 1))};
        path = uri_behind(path, segment.len);
        bool last = path.len == 0;
        bool slash = segment.ptr[0] == '/';
        struct str name = slash ? uri_behind(segment, 1) : segment;
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

static void add_merged(struct buffer *out, const struct uri_parts *base, struct str path)
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
    struct uri_parts base = uri_parts(base_text), ref = uri_parts(reference);
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
    else if (out.len <= URI_REFERENCE_MAX_BYTES)
        result = arena_copy(arena, buffer_str(&out));
    buffer_clear(&out);
    return result;
}

struct str uri_decode(struct arena *arena, struct str text)
{
    char *out = arena_alloc(arena, text.len + 1);
    size_t len = 0;
    for (size_t i = 0; out && i < text.len; i++) {
        int byte = uri_escape_at(text, i);
        out[len++] = byte >= 0 ? (char)byte : text.ptr[i];
        i += byte >= 0 ? 2 : 0;
    }
    return (struct str){out, len};
}
