#include "core/base/path.h"

#define SHOWN_MAX 160u

static int check(struct str path, struct error *err)
{
    if (path.len == 0)
        return error_set(err, ST_INVALID, "the path is empty");
    if (path.len > PATH_BYTES_MAX)
        return error_set(err, ST_INVALID, "the path has %zu bytes; the limit is %d", path.len,
                         PATH_BYTES_MAX);
    if (memchr(path.ptr, '\0', path.len))
        return error_set(err, ST_INVALID, "the path has a NUL (U+0000) in it; no file can");
    return ST_OK;
}

/* Removes the last component of what was written from `start` on; false if there is none. */
static bool go_up(struct buffer *out, size_t start)
{
    if (out->len == start)
        return false;
    while (out->len > start && out->data[out->len - 1] != '/')
        out->len--;
    if (out->len > start)
        out->len--;
    return true;
}

static void go_down(struct buffer *out, size_t start, struct str name, bool absolute)
{
    if (absolute || out->len > start)
        buffer_add_char(out, '/');
    buffer_add_str(out, name);
}

/* The component at *at, which is moved behind it. */
static struct str next_component(struct str path, size_t *at)
{
    const char *slash = memchr(path.ptr + *at, '/', path.len - *at);
    size_t end = slash ? (size_t)(slash - path.ptr) : path.len;
    struct str name = {path.ptr + *at, end - *at};
    *at = end + 1;
    return name;
}

int path_clean(struct str path, struct buffer *out, struct error *err)
{
    int rc = check(path, err);
    if (rc)
        return rc;
    bool absolute = path_is_absolute(path);
    size_t start = out->len;
    for (size_t at = 0; at < path.len;) {
        struct str name = next_component(path, &at);
        if (name.len == 0 || str_eq(name, STR(".")))
            continue;
        if (!str_eq(name, STR(".."))) {
            go_down(out, start, name, absolute);
        } else if (!go_up(out, start) && !absolute) {
            out->len = start;
            return error_set(err, ST_DENIED, "\"%.*s\" leads above the folder that it begins in",
                             STR_ARG(path));
        }
    }
    if (absolute && out->len == start)
        buffer_add_char(out, '/');
    return buffer_failed(out) ? error_set(err, ST_NOMEM, "out of memory") : ST_OK;
}

bool path_beneath(struct str path, struct str folder, struct str *rest)
{
    if (!str_starts(path, folder))
        return false;
    if (path.len == folder.len) {
        *rest = (struct str){path.ptr + path.len, 0};
        return true;
    }
    size_t from = folder.len == 1 ? 1 : folder.len + 1;
    if (folder.len > 1 && path.ptr[folder.len] != '/')
        return false;
    *rest = (struct str){path.ptr + from, path.len - from};
    return true;
}

struct str path_shown(struct str path)
{
    size_t len = path.len > SHOWN_MAX ? SHOWN_MAX : path.len;
    while (len < path.len && len > 0 && ((unsigned char)path.ptr[len] & 0xC0) == 0x80)
        len--;
    return (struct str){path.ptr, len};
}
