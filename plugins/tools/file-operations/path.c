/*
 * SPDX-License-Identifier: MIT
 */
#include "path.h"

#include <string.h>

hexmcp_str path_str(const struct path *path)
{
    return (hexmcp_str){path->text, path->len};
}

int path_push(struct path *path, const char *name, size_t len)
{
    size_t slash = path->len > 0 && path->text[path->len - 1] != '/';
    if (len > HEXMCP_FILES_PATH_MAX || path->len + slash + len > HEXMCP_FILES_PATH_MAX)
        return 0;
    if (slash)
        path->text[path->len++] = '/';
    memcpy(path->text + path->len, name, len);
    path->len += len;
    path->text[path->len] = '\0';
    return 1;
}

int path_pop(struct path *path)
{
    size_t root = path->len > 0 && path->text[0] == '/';
    if (path->len == root)
        return 0;
    while (path->len > root && path->text[path->len - 1] != '/')
        path->len--;
    if (path->len > root)
        path->len--;
    path->text[path->len] = '\0';
    return 1;
}

static int ends_above(const struct path *path)
{
    return path->len == 0 || (path->len >= 2 && memcmp(path->text + path->len - 2, "..", 2) == 0 &&
                              (path->len == 2 || path->text[path->len - 3] == '/'));
}

static int add(struct path *path, const char *name, size_t len)
{
    if (len == 0 || (len == 1 && name[0] == '.'))
        return 1;
    if (len != 2 || memcmp(name, "..", 2) != 0)
        return path_push(path, name, len);
    if (path->len > 0 && path->text[0] == '/') {
        path_pop(path);
        return 1;
    }
    return ends_above(path) ? path_push(path, name, len) : path_pop(path);
}

int path_clean(struct path *path, hexmcp_str text)
{
    path->len = 0;
    if (text.len > 0 && text.ptr[0] == '/')
        path->text[path->len++] = '/';
    path->text[path->len] = '\0';
    for (size_t at = 0; at < text.len;) {
        const char *slash = memchr(text.ptr + at, '/', text.len - at);
        size_t end = slash ? (size_t)(slash - text.ptr) : text.len;
        if (!add(path, text.ptr + at, end - at))
            return 0;
        at = end + 1;
    }
    return 1;
}
