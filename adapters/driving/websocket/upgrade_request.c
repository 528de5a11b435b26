#include "adapters/driving/websocket/upgrade_request.h"

#define MAX_HEADERS 100

static char lower(char c)
{
    return c >= 'A' && c <= 'Z' ? (char)(c | 0x20) : c;
}

bool upgrade_equal(struct str a, struct str b)
{
    if (a.len != b.len)
        return false;
    for (size_t i = 0; i < a.len; i++)
        if (lower(a.ptr[i]) != lower(b.ptr[i]))
            return false;
    return true;
}

struct str upgrade_trimmed(struct str text)
{
    while (text.len && (text.ptr[0] == ' ' || text.ptr[0] == '\t'))
        text = (struct str){text.ptr + 1, text.len - 1};
    while (text.len && (text.ptr[text.len - 1] == ' ' || text.ptr[text.len - 1] == '\t'))
        text.len--;
    return text;
}

size_t upgrade_request_length(struct str bytes, size_t seen)
{
    for (size_t i = seen > 3 ? seen - 3 : 0; i + 4 <= bytes.len; i++)
        if (memcmp(bytes.ptr + i, "\r\n\r\n", 4) == 0)
            return i + 4;
    return 0;
}

static bool is_token(struct str text)
{
    for (size_t i = 0; i < text.len; i++) {
        char c = text.ptr[i];
        bool alnum = (lower(c) >= 'a' && lower(c) <= 'z') || (c >= '0' && c <= '9');
        if (!alnum && (c == '\0' || !strchr("!#$%&'*+-.^_`|~", c)))
            return false;
    }
    return text.len > 0;
}

static bool is_field_value(struct str text)
{
    for (size_t i = 0; i < text.len; i++) {
        unsigned char c = (unsigned char)text.ptr[i];
        if ((c < 0x20 && c != '\t') || c == 0x7F)
            return false;
    }
    return true;
}

/* Takes a line off the front. */
static struct str next_line(struct str *head)
{
    const char *end = memmem(head->ptr, head->len, "\r\n", 2);
    struct str line = {head->ptr, end ? (size_t)(end - head->ptr) : head->len};
    size_t used = end ? line.len + 2 : line.len;
    *head = (struct str){head->ptr + used, head->len - used};
    return line;
}

static int malformed(struct error *err, const char *what)
{
    return error_set(err, ST_PROTOCOL, "the request is not HTTP/1.1: %s", what);
}

static int read_first_line(struct str line, struct upgrade_request *out, struct error *err)
{
    const char *first = memchr(line.ptr, ' ', line.len);
    const char *last = memrchr(line.ptr, ' ', line.len);
    if (!first || first == last || !str_ends(line, STR(" HTTP/1.1")))
        return malformed(err, "its first line is not METHOD TARGET HTTP/1.1");
    struct str target = {first + 1, (size_t)(last - first - 1)};
    out->method = (struct str){line.ptr, (size_t)(first - line.ptr)};
    if (!is_token(out->method) || target.len == 0 || target.ptr[0] != '/' ||
        memchr(target.ptr, ' ', target.len) || !is_field_value(target))
        return malformed(err, "its first line is not METHOD TARGET HTTP/1.1");
    const char *query = memchr(target.ptr, '?', target.len);
    out->path = (struct str){target.ptr, query ? (size_t)(query - target.ptr) : target.len};
    return ST_OK;
}

static int keep_once(struct str *where, struct str name, struct str value, struct error *err)
{
    if (where->ptr)
        return error_set(err, ST_PROTOCOL, "the header %.*s stands there twice", STR_ARG(name));
    *where = value;
    return ST_OK;
}

static int keep_line(struct upgrade_list *list, struct str name, struct str value,
                     struct error *err)
{
    if (list->count == UPGRADE_LIST_LINES)
        return error_set(err, ST_PROTOCOL, "the header %.*s stands there more than %d times",
                         STR_ARG(name), UPGRADE_LIST_LINES);
    list->lines[list->count++] = value;
    return ST_OK;
}

static int keep_header(struct upgrade_request *out, struct str name, struct str value,
                       struct error *err)
{
    const struct {
        struct str name;
        struct str *once;
        struct upgrade_list *list;
    } known[] = {
        {STR("host"), &out->host, NULL},
        {STR("origin"), &out->origin, NULL},
        {STR("authorization"), &out->authorization, NULL},
        {STR("sec-websocket-key"), &out->key, NULL},
        {STR("sec-websocket-version"), &out->version, NULL},
        {STR("upgrade"), NULL, &out->upgrade},
        {STR("connection"), NULL, &out->connection},
        {STR("sec-websocket-protocol"), NULL, &out->protocols},
        {STR("sec-websocket-extensions"), NULL, &out->extensions},
    };
    for (size_t i = 0; i < sizeof(known) / sizeof(known[0]); i++)
        if (upgrade_equal(known[i].name, name))
            return known[i].once ? keep_once(known[i].once, name, value, err)
                                 : keep_line(known[i].list, name, value, err);
    bool body = upgrade_equal(name, STR("transfer-encoding")) ||
                (upgrade_equal(name, STR("content-length")) && !str_eq(value, STR("0")));
    return body ? error_set(err, ST_PROTOCOL, "a request for an upgrade has no body") : ST_OK;
}

static int read_header(struct str line, struct upgrade_request *out, struct error *err)
{
    const char *colon = memchr(line.ptr, ':', line.len);
    struct str name = {line.ptr, colon ? (size_t)(colon - line.ptr) : 0};
    if (!is_token(name))
        return malformed(err, "a header is not NAME: VALUE");
    struct str value = upgrade_trimmed(
        (struct str){colon + 1, line.len - name.len - 1});
    if (!is_field_value(value))
        return malformed(err, "a header holds a control character");
    return keep_header(out, name, value, err);
}

int upgrade_request_read(struct str head, struct upgrade_request *out, struct error *err)
{
    struct upgrade_request request = {.method = {NULL, 0}};
    int rc = read_first_line(next_line(&head), &request, err);
    size_t headers = 0;
    struct str line;
    while (!rc && (line = next_line(&head)).len) {
        if (++headers > MAX_HEADERS)
            return malformed(err, "it has more than 100 headers");
        rc = read_header(line, &request, err);
    }
    if (!rc)
        *out = request;
    return rc;
}

bool upgrade_list_next(const struct upgrade_list *list, size_t *line, struct str *rest,
                       struct str *element)
{
    for (;;) {
        while (rest->len == 0) {
            if (*line == list->count)
                return false;
            *rest = list->lines[(*line)++];
        }
        const char *comma = memchr(rest->ptr, ',', rest->len);
        size_t len = comma ? (size_t)(comma - rest->ptr) : rest->len;
        *element = upgrade_trimmed((struct str){rest->ptr, len});
        size_t used = comma ? len + 1 : len;
        *rest = (struct str){rest->ptr + used, rest->len - used};
        if (element->len)
            return true;
    }
}

bool upgrade_list_has(const struct upgrade_list *list, struct str word)
{
    size_t line = 0;
    struct str rest = {NULL, 0}, element;
    while (upgrade_list_next(list, &line, &rest, &element))
        if (upgrade_equal(element, word))
            return true;
    return false;
}
