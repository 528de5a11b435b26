#include "adapters/driving/mcp/http/head.h"

#include <stdlib.h>

#include "core/base/base64.h"
#include "core/base/str.h"

static char lower(char c)
{
    return c >= 'A' && c <= 'Z' ? (char)(c | 0x20) : c;
}

static bool same_name(struct str a, struct str b)
{
    size_t i = 0;
    if (a.len != b.len)
        return false;
    while (i < a.len && lower(a.ptr[i]) == lower(b.ptr[i]))
        i++;
    return i == a.len;
}

static struct str trim(struct str s)
{
    while (s.len && (s.ptr[0] == ' ' || s.ptr[0] == '\t'))
        s = (struct str){s.ptr + 1, s.len - 1};
    while (s.len && (s.ptr[s.len - 1] == ' ' || s.ptr[s.len - 1] == '\t'))
        s.len--;
    return s;
}

/* The part of *rest before the next `separator`, without space around it. */
static struct str cut(struct str *rest, char separator)
{
    const char *at = rest->len ? memchr(rest->ptr, separator, rest->len) : NULL;
    size_t len = at ? (size_t)(at - rest->ptr) : rest->len;
    struct str part = {rest->ptr, len};
    size_t skip = at ? len + 1 : len;
    *rest = (struct str){rest->ptr + skip, rest->len - skip};
    return trim(part);
}

/* "q=0", "q=0.0", ... */
static bool is_zero_quality(struct str parameter)
{
    if (parameter.len < 3 || lower(parameter.ptr[0]) != 'q' || parameter.ptr[1] != '=')
        return false;
    for (size_t i = 2; i < parameter.len; i++)
        if (parameter.ptr[i] != '0' && parameter.ptr[i] != '.')
            return false;
    return true;
}

/* One element of Accept. */
static void read_range(struct http_head *head, struct str range)
{
    struct str type = cut(&range, ';');
    while (range.len)
        if (is_zero_quality(cut(&range, ';')))
            return;
    bool all = str_eq(type, STR("*/*"));
    if (all || same_name(type, STR("application/json")) || same_name(type, STR("application/*")))
        head->takes_json = true;
    if (all || same_name(type, STR("text/event-stream")) || same_name(type, STR("text/*")))
        head->takes_events = true;
}

struct http_head head_read(const struct http_request *request)
{
    struct http_head head = {.headers = request->headers, .count = request->header_count};
    for (size_t i = 0; i < head.count; i++) {
        if (!same_name(head.headers[i].name, STR("accept")))
            continue;
        struct str rest = head.headers[i].value;
        head.says_accept = true;
        while (rest.len)
            read_range(&head, cut(&rest, ','));
    }
    return head;
}

static struct str put(char **at, struct str text)
{
    struct str copy = {*at, text.len};
    if (text.len)
        memcpy(*at, text.ptr, text.len);
    *at += text.len;
    return copy;
}

int head_keep(struct http_head *head)
{
    size_t table = head->count * sizeof(*head->headers), size = table + 1;
    for (size_t i = 0; i < head->count; i++)
        size += head->headers[i].name.len + head->headers[i].value.len;
    struct http_header *copy = malloc(size);
    if (!copy)
        return ST_NOMEM;
    char *at = (char *)copy + table;
    for (size_t i = 0; i < head->count; i++)
        copy[i] = (struct http_header){put(&at, head->headers[i].name),
                                       put(&at, head->headers[i].value)};
    head->headers = copy;
    head->kept = (char *)copy;
    return ST_OK;
}

void head_clear(struct http_head *head)
{
    free(head->kept);
    *head = (struct http_head){0};
}

enum head_found head_find(const struct http_head *head, struct str name, struct str *value)
{
    enum head_found found = HEAD_ABSENT;
    for (size_t i = 0; i < head->count; i++) {
        if (!same_name(head->headers[i].name, name))
            continue;
        if (found == HEAD_THERE)
            return HEAD_TWICE;
        *value = trim(head->headers[i].value);
        found = HEAD_THERE;
    }
    return found;
}

bool head_is_json(const struct http_head *head)
{
    struct str value;
    return head_find(head, STR("content-type"), &value) == HEAD_THERE &&
           same_name(cut(&value, ';'), STR("application/json"));
}

#define ENCODED_BEGIN STR("=?base64?")
#define ENCODED_END STR("?=")

int head_decode(struct str value, struct buffer *scratch, struct str *out, struct error *err)
{
    size_t begin = ENCODED_BEGIN.len, end = ENCODED_END.len;
    for (size_t i = 0; i < value.len; i++)
        if ((value.ptr[i] < 0x20 && value.ptr[i] != '\t') || value.ptr[i] == 0x7F ||
            (unsigned char)value.ptr[i] > 0x7F)
            return error_set(err, ST_INVALID,
                             "holds octets that are not printable ASCII; send =?base64?...?=");
    if (value.len < begin + end || !str_starts(value, ENCODED_BEGIN) ||
        !str_ends(value, ENCODED_END)) {
        *out = value;
        return ST_OK;
    }
    struct str inner = {value.ptr + begin, value.len - begin - end};
    if (!base64_check(inner))
        return error_set(err, ST_INVALID,
                         "is no base64 with padding between =?base64? and ?=");
    if (!base64_decode(inner, scratch))
        return error_set(err, ST_NOMEM, "could not be decoded: out of memory");
    *out = buffer_str(scratch);
    return ST_OK;
}
