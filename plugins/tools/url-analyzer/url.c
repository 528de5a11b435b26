/*
 * SPDX-License-Identifier: MIT
 */
#include "url.h"

#include <ctype.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

static const char no_memory[] = "out of memory; try again";

int url_default_port(const char *scheme)
{
    static const struct {
        const char *scheme;
        int port;
    } ports[] = {{"http", 80}, {"https", 443}, {"ws", 80}, {"wss", 443}, {"ftp", 21}};
    for (size_t i = 0; i < sizeof(ports) / sizeof(ports[0]); i++)
        if (strcmp(ports[i].scheme, scheme) == 0)
            return ports[i].port;
    return -1;
}

void url_free(struct url *url)
{
    struct bytes *all[] = {&url->scheme, &url->username, &url->password, &url->host_text,
                           &url->path,   &url->query,    &url->fragment};
    for (size_t i = 0; i < sizeof(all) / sizeof(all[0]); i++)
        bytes_free(all[i]);
}

/* ---- what is percent-encoded where ---- */

#define SET_FRAGMENT " \"<>`"
#define SET_QUERY " \"#<>"
#define SET_SPECIAL_QUERY " \"#<>'"
#define SET_PATH " \"#<>?^`{}"
#define SET_USER " \"#<>?^`{}/:;=@[\\]|"

static bool is_hex(char c)
{
    return isxdigit((unsigned char)c) != 0;
}

/* Adds the text with the characters of `set`, control characters and all beyond ASCII encoded. */
static bool add_encoded(struct url *url, struct bytes *out, hexmcp_str text, const char *set)
{
    bool good = bytes_add(out, "", 0);
    for (size_t i = 0; good && i < text.len; i++) {
        unsigned char c = (unsigned char)text.ptr[i];
        char three[4];
        bool encode = c < 0x20 || c > 0x7e || strchr(set, (char)c);
        if (c == '%' && (i + 2 >= text.len || !is_hex(text.ptr[i + 1]) || !is_hex(text.ptr[i + 2])))
            url->notes |= NOTE_PERCENT;
        if (encode)
            url->notes |= NOTE_ENCODED;
        snprintf(three, sizeof(three), "%%%02X", c);
        good = encode ? bytes_add(out, three, 3) : bytes_add(out, text.ptr + i, 1);
    }
    return good;
}

/* ---- its parts, one behind the other ---- */

struct parsing {
    struct url *url;
    hexmcp_str rest; /* what is not read yet */
};

static bool is_slash(const struct parsing *p, char c)
{
    return c == '/' || (c == '\\' && p->url->special);
}

/* Cuts the rest at the first of these characters, and gives what was before. */
static hexmcp_str cut(struct parsing *p, const char *set)
{
    hexmcp_str part = {p->rest.ptr, 0};
    while (part.len < p->rest.len && !(part.ptr[part.len] && strchr(set, part.ptr[part.len])))
        part.len++;
    p->rest.ptr += part.len;
    p->rest.len -= part.len;
    return part;
}

static void skip(struct parsing *p, size_t len)
{
    p->rest.ptr += len;
    p->rest.len -= len;
}

static const char *read_scheme(struct parsing *p)
{
    hexmcp_str text = p->rest;
    size_t len = 0;
    while (len < text.len && (isalnum((unsigned char)text.ptr[len]) ||
                              (text.ptr[len] && strchr("+-.", text.ptr[len]))))
        len++;
    if (len == 0 || len == text.len || text.ptr[len] != ':' || !isalpha((unsigned char)text.ptr[0]))
        return "it has no scheme, such as \"https:\", so it is a relative reference at most";
    if (!bytes_add(&p->url->scheme, text.ptr, len))
        return no_memory;
    for (size_t i = 0; i < len; i++)
        p->url->scheme.ptr[i] = (char)tolower((unsigned char)p->url->scheme.ptr[i]);
    p->url->special = url_default_port(p->url->scheme.ptr) > 0 ||
                      strcmp(p->url->scheme.ptr, "file") == 0;
    skip(p, len + 1);
    return NULL;
}

static const char *read_port(struct url *url, hexmcp_str text)
{
    long port = 0;
    for (size_t i = 0; i < text.len; i++) {
        if (!isdigit((unsigned char)text.ptr[i]))
            return "the port is no number";
        port = 10 * port + (text.ptr[i] - '0');
        if (port > 65535)
            return "the port is above 65535";
    }
    if (text.len > 0 && (int)port == url_default_port(url->scheme.ptr))
        url->notes |= NOTE_DEFAULT_PORT;
    else if (text.len > 0)
        url->port = (int)port;
    return NULL;
}

static const char *read_user(struct url *url, hexmcp_str user)
{
    const char *colon = user.len ? memchr(user.ptr, ':', user.len) : NULL;
    hexmcp_str name = {user.ptr, colon ? (size_t)(colon - user.ptr) : user.len};
    if (memchr(user.ptr, '@', user.len))
        url->notes |= NOTE_AT;
    url->has_username = name.len > 0;
    if (!add_encoded(url, &url->username, name, SET_USER))
        return no_memory;
    if (!colon)
        return NULL;
    hexmcp_str password = {colon + 1, user.len - name.len - 1};
    url->has_password = password.len > 0;
    return add_encoded(url, &url->password, password, SET_USER) ? NULL : no_memory;
}

/* [user[:password]@]host[:port] */
static const char *read_authority(struct parsing *p)
{
    struct url *url = p->url;
    hexmcp_str all = cut(p, url->special ? "/\\?#" : "/?#"), host = all;
    const char *at = all.len ? memrchr(all.ptr, '@', all.len) : NULL;
    const char *wrong = NULL;
    if (at) {
        wrong = read_user(url, (hexmcp_str){all.ptr, (size_t)(at - all.ptr)});
        host = (hexmcp_str){at + 1, all.len - (size_t)(at - all.ptr) - 1};
    }
    const char *close = host.len ? memrchr(host.ptr, ']', host.len) : NULL;
    const char *start = close ? close : host.ptr;
    const char *colon = host.len ? memchr(start, ':', host.len - (size_t)(start - host.ptr)) : NULL;
    hexmcp_str port = {NULL, 0};
    if (colon) {
        port = (hexmcp_str){colon + 1, host.len - (size_t)(colon - host.ptr) - 1};
        host.len = (size_t)(colon - host.ptr);
    }
    url->has_host = true;
    if (!wrong && host.len == 0 && (url->special || colon || at))
        wrong = "there is no host";
    if (!wrong)
        wrong = host_parse(host, url->special, &url->host, &url->host_text);
    return wrong ? wrong : read_port(url, port);
}

/* ---- the path ---- */

static bool is_dot(const char *at, size_t len, size_t *used)
{
    if (len >= 1 && at[0] == '.') {
        *used = 1;
        return true;
    }
    *used = 3;
    return len >= 3 && at[0] == '%' && at[1] == '2' && (at[2] | 32) == 'e';
}

/* 0, or how many dots the segment is, one or two. */
static int dots(hexmcp_str segment)
{
    size_t used;
    if (!segment.len || !is_dot(segment.ptr, segment.len, &used))
        return 0;
    if (used == segment.len)
        return 1;
    size_t first = used;
    return is_dot(segment.ptr + first, segment.len - first, &used) && first + used == segment.len ? 2 : 0;
}

static bool is_drive(const char *text, size_t len)
{
    return len == 2 && isalpha((unsigned char)text[0]) && (text[1] == ':' || text[1] == '|');
}

/* Drops the last segment with its slash; a drive letter of file: stays. */
static void go_up(struct url *url)
{
    struct bytes *path = &url->path;
    size_t at = path->len;
    while (at > 0 && path->ptr[at - 1] != '/')
        at--;
    if (at == 1 && strcmp(url->scheme.ptr, "file") == 0 && is_drive(path->ptr + 1, path->len - 1) &&
        path->ptr[2] == ':')
        return;
    path->len = at > 0 ? at - 1 : 0;
    if (path->ptr)
        path->ptr[path->len] = '\0';
}

static bool add_segment(struct url *url, hexmcp_str segment)
{
    bool first = url->path.len == 0;
    if (!bytes_add(&url->path, "/", 1) || !add_encoded(url, &url->path, segment, SET_PATH))
        return false;
    if (first && strcmp(url->scheme.ptr, "file") == 0 && is_drive(segment.ptr, segment.len))
        url->path.ptr[2] = ':';
    return true;
}

static const char *read_path(struct parsing *p)
{
    struct url *url = p->url;
    hexmcp_str path = cut(p, "?#");
    bool good = bytes_add(&url->path, "", 0);
    if (path.len && is_slash(p, path.ptr[0])) {
        path.ptr++;
        path.len--;
    } else if (path.len == 0 && !url->special) {
        return NULL;
    }
    for (size_t from = 0; good && from <= path.len;) {
        size_t to = from;
        while (to < path.len && !is_slash(p, path.ptr[to]))
            to++;
        hexmcp_str segment = {path.ptr + from, to - from};
        bool last = to == path.len;
        int count = dots(segment);
        if (count)
            url->notes |= NOTE_DOTS;
        if (count == 2)
            go_up(url);
        if (!last && path.ptr[to] == '\\')
            url->notes |= NOTE_BACKSLASH;
        if (!count)
            good = add_segment(url, segment);
        else if (last)
            good = bytes_add(&url->path, "/", 1);
        from = to + 1;
    }
    return good ? NULL : no_memory;
}

/* ---- the whole ---- */

static const char *read_end(struct parsing *p)
{
    struct url *url = p->url;
    bool good = true;
    if (p->rest.len && p->rest.ptr[0] == '?') {
        skip(p, 1);
        url->has_query = true;
        good = add_encoded(url, &url->query, cut(p, "#"),
                           url->special ? SET_SPECIAL_QUERY : SET_QUERY);
    }
    if (good && p->rest.len && p->rest.ptr[0] == '#') {
        skip(p, 1);
        url->has_fragment = true;
        good = add_encoded(url, &url->fragment, p->rest, SET_FRAGMENT);
    }
    return good ? NULL : no_memory;
}

static const char *read_opaque(struct parsing *p)
{
    p->url->opaque = true;
    return add_encoded(p->url, &p->url->path, cut(p, "?#"), "") ? NULL : no_memory;
}

static const char *read_file_host(struct parsing *p)
{
    struct url *url = p->url;
    hexmcp_str look = p->rest, host;
    size_t slashes = 0;
    while (slashes < 2 && slashes < look.len && is_slash(p, look.ptr[slashes]))
        slashes++;
    url->has_host = true;
    if (slashes < 2) {
        url->notes |= NOTE_SLASHES;
        return bytes_add(&url->host_text, "", 0) ? NULL : no_memory;
    }
    skip(p, 2);
    struct parsing ahead = *p;
    host = cut(&ahead, "/\\?#");
    if (is_drive(host.ptr, host.len)) /* file://C:/x means the drive */
        return bytes_add(&url->host_text, "", 0) ? NULL : no_memory;
    *p = ahead;
    if (host.len == 0)
        return bytes_add(&url->host_text, "", 0) ? NULL : no_memory;
    const char *wrong = host_parse(host, true, &url->host, &url->host_text);
    if (!wrong && strcmp(url->host_text.ptr, "localhost") == 0) {
        url->host_text.len = 0;
        url->host_text.ptr[0] = '\0';
        url->host.kind = HOST_NONE;
    }
    return wrong;
}

static const char *read_special_authority(struct parsing *p)
{
    size_t slashes = 0;
    while (slashes < p->rest.len && is_slash(p, p->rest.ptr[slashes])) {
        if (p->rest.ptr[slashes] == '\\')
            p->url->notes |= NOTE_BACKSLASH;
        slashes++;
    }
    if (slashes != 2)
        p->url->notes |= NOTE_SLASHES;
    skip(p, slashes);
    return read_authority(p);
}

static const char *read_all(struct parsing *p)
{
    const char *wrong = read_scheme(p);
    if (wrong)
        return wrong;
    bool two = p->rest.len >= 2 && p->rest.ptr[0] == '/' && p->rest.ptr[1] == '/';
    bool slash = p->rest.len >= 1 && p->rest.ptr[0] == '/';
    if (strcmp(p->url->scheme.ptr, "file") == 0) {
        wrong = read_file_host(p);
    } else if (p->url->special) {
        wrong = read_special_authority(p);
    } else if (two) {
        skip(p, 2);
        wrong = read_authority(p);
    }
    if (!wrong)
        wrong = p->url->special || slash ? read_path(p) : read_opaque(p);
    return wrong ? wrong : read_end(p);
}

/* Without spaces and control characters around it, and without tabs and line breaks in it. */
static bool clean(hexmcp_str text, struct url *url, struct bytes *out)
{
    size_t from = 0, to = text.len;
    bool good = bytes_add(out, "", 0);
    while (from < to && (unsigned char)text.ptr[from] <= ' ')
        from++;
    while (to > from && (unsigned char)text.ptr[to - 1] <= ' ')
        to--;
    if (to - from != text.len)
        url->notes |= NOTE_TRIMMED;
    for (size_t i = from; good && i < to; i++) {
        if (text.ptr[i] == '\t' || text.ptr[i] == '\n' || text.ptr[i] == '\r')
            url->notes |= NOTE_BREAKS;
        else
            good = bytes_add(out, text.ptr + i, 1);
    }
    return good;
}

const char *url_parse(hexmcp_str text, struct url *url)
{
    struct bytes cleaned = {0};
    *url = (struct url){.port = -1};
    const char *wrong = clean(text, url, &cleaned) ? NULL : no_memory;
    struct parsing p = {url, bytes_str(&cleaned)};
    if (!wrong)
        wrong = read_all(&p);
    bytes_free(&cleaned);
    return wrong;
}

static bool add(struct bytes *out, const char *before, const struct bytes *part)
{
    return bytes_add(out, before, strlen(before)) &&
           (part->len == 0 || bytes_add(out, part->ptr, part->len));
}

bool url_write(const struct url *url, struct bytes *out)
{
    const struct bytes none = {0};
    char port[12];
    bool good = add(out, "", &url->scheme) && add(out, url->has_host ? "://" : ":", &none);
    if (good && (url->has_username || url->has_password))
        good = add(out, "", &url->username) &&
               (!url->has_password || add(out, ":", &url->password)) && add(out, "@", &none);
    good = good && add(out, "", &url->host_text);
    snprintf(port, sizeof(port), ":%d", url->port);
    if (good && url->port >= 0)
        good = add(out, port, &none);
    /* So that the path is not read as a host. */
    if (good && !url->has_host && !url->opaque && url->path.len > 1 && url->path.ptr[1] == '/')
        good = add(out, "/.", &none);
    good = good && add(out, "", &url->path);
    if (good && url->has_query)
        good = add(out, "?", &url->query);
    if (good && url->has_fragment)
        good = add(out, "#", &url->fragment);
    return good;
}
