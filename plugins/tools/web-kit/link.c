/*
 * SPDX-License-Identifier: MIT
 */
#include "web-kit/link.h"

#include <stdlib.h>
#include <string.h>
#include <strings.h>
#include <uriparser/Uri.h>

static bool must_be_encoded(unsigned char c)
{
    return c <= ' ' || c >= 0x7F || strchr("\"<>\\^`{|}", c) != NULL;
}

static bool is_hex(char c)
{
    return (c >= '0' && c <= '9') || ((c | 0x20) >= 'a' && (c | 0x20) <= 'f');
}

struct span {
    size_t begin, end;
};

/* Where brackets may stand: around the IPv6 address after "//". */
static struct span address_span(const char *ref, size_t len)
{
    size_t at = 0;
    while (at < len && ref[at] != '/' && ref[at] != '?' && ref[at] != '#')
        at++;
    const char *open = ref + at + 2;
    const char *close = NULL;
    if (len - at > 3 && ref[at] == '/' && ref[at + 1] == '/' && *open == '[')
        close = memchr(open, ']', len - at - 2);
    return close ? (struct span){(size_t)(open - ref), (size_t)(close - ref) + 1}
                 : (struct span){0, 0};
}

static bool is_blank(char c)
{
    return (unsigned char)c <= ' ';
}

static char *put_percent(char *out, unsigned char c)
{
    static const char digits[] = "0123456789ABCDEF";
    *out++ = '%';
    *out++ = digits[c >> 4];
    *out++ = digits[c & 15];
    return out;
}

/* What RFC 3986 takes, of what stands in pages. `out` has room for 3 * len + 1. */
static void mend(const char *ref, size_t len, char *out)
{
    const struct span address = address_span(ref, len);
    bool behind_query = false, fragment = false;
    for (size_t i = 0; i < len; i++) {
        char c = ref[i];
        bool percent = c == '%' && !(len - i > 2 && is_hex(ref[i + 1]) && is_hex(ref[i + 2]));
        bool bracket = (c == '[' || c == ']') && (i < address.begin || i >= address.end);
        if (c == '\n' || c == '\r' || c == '\t')
            continue;
        if (c == '\\' && !behind_query)
            c = '/';
        if (must_be_encoded((unsigned char)c) || percent || bracket || (c == '#' && fragment))
            out = put_percent(out, (unsigned char)c);
        else
            *out++ = c;
        behind_query = behind_query || c == '?' || c == '#';
        fragment = fragment || c == '#';
    }
    *out = '\0';
}

static char *mended(const char *ref, size_t len)
{
    while (len > 0 && is_blank(*ref)) {
        ref++;
        len--;
    }
    while (len > 0 && is_blank(ref[len - 1]))
        len--;
    if (len > LINK_MAX || memchr(ref, '\0', len))
        return NULL;
    char *out = malloc(3 * len + 1);
    if (out)
        mend(ref, len, out);
    return out;
}

static char *to_text(UriUriA *uri)
{
    int chars;
    if (!uri->scheme.first || uriNormalizeSyntaxA(uri) != URI_SUCCESS ||
        uriToStringCharsRequiredA(uri, &chars) != URI_SUCCESS || (size_t)chars > LINK_MAX)
        return NULL;
    /* An address of the web without a path is that of the root. */
    char *text = malloc((size_t)chars + 2);
    if (!text || uriToStringA(text, uri, chars + 1, NULL) == URI_SUCCESS)
        return text;
    free(text);
    return NULL;
}

static char *with_path(char *text)
{
    char *host = text ? strstr(text, "://") : NULL;
    if (!host || strncmp(text, "http", 4) != 0)
        return text;
    char *end = host + 3 + strcspn(host + 3, "/?#");
    if (*end == '/')
        return text;
    memmove(end + 1, end, strlen(end) + 1);
    *end = '/';
    return text;
}

char *link_clean(const char *url)
{
    char *clean = mended(url, strlen(url)), *text = NULL;
    UriUriA uri;
    if (clean && uriParseSingleUriA(&uri, clean, NULL) == URI_SUCCESS) {
        text = with_path(to_text(&uri));
        uriFreeUriMembersA(&uri);
    }
    free(clean);
    return text;
}

static char *resolve(const char *base, const char *ref)
{
    UriUriA from, to, whole;
    char *text = NULL;
    if (uriParseSingleUriA(&from, base, NULL) != URI_SUCCESS)
        return NULL;
    if (uriParseSingleUriA(&to, ref, NULL) == URI_SUCCESS) {
        /* Its members are made anew even if it fails. */
        if (uriAddBaseUriA(&whole, &to, &from) == URI_SUCCESS)
            text = with_path(to_text(&whole));
        uriFreeUriMembersA(&whole);
        uriFreeUriMembersA(&to);
    }
    uriFreeUriMembersA(&from);
    return text;
}

char *link_resolve(const char *base, const char *ref, size_t len)
{
    char *clean = mended(ref, len);
    char *text = clean ? resolve(base, clean) : NULL;
    free(clean);
    return text;
}

static size_t host_begin(const char *url)
{
    if (strncasecmp(url, "https://", 8) == 0)
        return 8;
    return strncasecmp(url, "http://", 7) == 0 ? 7 : 0;
}

static size_t host_end(const char *url)
{
    size_t begin = host_begin(url);
    return begin + strcspn(url + begin, "/?#");
}

bool link_is_web(const char *url)
{
    size_t begin = host_begin(url), end = host_end(url);
    return begin > 0 && end > begin && !memchr(url + begin, '@', end - begin);
}

char *link_origin(const char *url)
{
    return strndup(url, host_end(url));
}

char *link_path(const char *url)
{
    size_t end = host_end(url), len = strcspn(url + end, "#");
    bool slash = url[end] == '/';
    char *path = malloc(len + 2);
    if (!path)
        return NULL;
    path[0] = '/';
    memcpy(path + !slash, url + end, len);
    path[len + !slash] = '\0';
    return path;
}

bool link_same_host(const char *a, const char *b)
{
    size_t from = host_begin(a), to = host_begin(b), len = host_end(a) - from;
    return len == host_end(b) - to && strncasecmp(a + from, b + to, len) == 0;
}

void link_drop_fragment(char *url)
{
    url[strcspn(url, "#")] = '\0';
}
