#include <ctype.h>
#include <stdlib.h>
#include <string.h>
#include <strings.h>

#include "adapters/driven/http_client/exchange.h"

/* What is read of the body of a redirect, to keep the connection. */
#define SWALLOWED_MAX ((size_t)64 * 1024)

#define FIELDS_MAX 1000u

/* ---- the head ---- */

void exchange_head_reset(struct http_exchange *x)
{
    buffer_reset(&x->head.text, HTTP_HEAD_BYTES_MAX);
    buffer_reset(&x->head.lengths, HTTP_HEAD_BYTES_MAX);
    x->head.complete = false;
}

static size_t field_count(const struct exchange_head *head)
{
    return head->lengths.len / sizeof(size_t) / 2;
}

static struct str trimmed(struct str text)
{
    while (text.len && strchr(" \t\r\n", text.ptr[text.len - 1]))
        text.len--;
    while (text.len && (text.ptr[0] == ' ' || text.ptr[0] == '\t'))
        text = (struct str){text.ptr + 1, text.len - 1};
    return text;
}

static void add_field(struct exchange_head *head, struct str name, struct str value)
{
    size_t lengths[2] = {name.len, value.len};
    for (size_t i = 0; i < name.len; i++)
        buffer_add_char(&head->text, (char)tolower((unsigned char)name.ptr[i]));
    buffer_add_str(&head->text, value);
    buffer_add(&head->lengths, lengths, sizeof(lengths));
}

/* A line that begins with a space goes on with the value before. */
static void continue_field(struct exchange_head *head, struct str more)
{
    size_t len;
    if (!field_count(head))
        return;
    char *last = head->lengths.data + head->lengths.len - sizeof(len);
    memcpy(&len, last, sizeof(len));
    len += more.len + 1;
    memcpy(last, &len, sizeof(len));
    buffer_add_char(&head->text, ' ');
    buffer_add_str(&head->text, more);
}

static void take_field(struct exchange_head *head, struct str line)
{
    const char *colon = memchr(line.ptr, ':', line.len);
    if (line.ptr[0] == ' ' || line.ptr[0] == '\t') {
        continue_field(head, trimmed(line));
        return;
    }
    if (!colon)
        return;
    struct str name = {line.ptr, (size_t)(colon - line.ptr)};
    struct str value = {colon + 1, line.len - name.len - 1};
    add_field(head, trimmed(name), trimmed(value));
}

/* NULL without memory. */
static struct http_field *fields_of(const struct exchange_head *head)
{
    struct http_field *fields = calloc(field_count(head) + 1, sizeof(*fields));
    const char *at = head->text.data;
    for (size_t i = 0; fields && i < field_count(head); i++) {
        size_t lengths[2];
        memcpy(lengths, head->lengths.data + i * sizeof(lengths), sizeof(lengths));
        fields[i].name = (struct str){at, lengths[0]};
        fields[i].value = (struct str){at + lengths[0], lengths[1]};
        at += lengths[0] + lengths[1];
    }
    return fields;
}

/* The field of this name, if there is exactly one. */
static const struct http_field *find(const struct http_field *fields, size_t count, struct str name)
{
    const struct http_field *found = NULL;
    for (size_t i = 0; i < count; i++) {
        if (!str_eq(fields[i].name, name))
            continue;
        if (found)
            return NULL;
        found = &fields[i];
    }
    return found;
}

static bool is_word(struct str text, const char *word)
{
    return text.len == strlen(word) && strncasecmp(text.ptr, word, text.len) == 0;
}

static bool is_packed(const struct http_field *fields, size_t count)
{
    const struct http_field *field = find(fields, count, STR("content-encoding"));
    return field && (is_word(field->value, "gzip") || is_word(field->value, "x-gzip") ||
                     is_word(field->value, "deflate"));
}

/* libcurl would unpack it without a bound. */
static int check_transfer(const struct http_field *fields, size_t count, struct error *err)
{
    for (size_t i = 0; i < count; i++)
        if (str_eq(fields[i].name, STR("transfer-encoding")) &&
            !is_word(fields[i].value, "chunked") && !is_word(fields[i].value, "identity"))
            return error_set(err, ST_PROTOCOL,
                             "it answers with a Transfer-Encoding that was not asked for");
    return ST_OK;
}

static size_t leave_out(struct http_field *fields, size_t count)
{
    size_t kept = 0;
    for (size_t i = 0; i < count; i++)
        if (!str_eq(fields[i].name, STR("content-encoding")) &&
            !str_eq(fields[i].name, STR("content-length")))
            fields[kept++] = fields[i];
    return kept;
}

static void tell_head(struct http_exchange *x, unsigned status, struct http_field *fields,
                      size_t count)
{
    char *url = NULL;
    bool bodiless = strcmp(x->method, "HEAD") == 0 || status == 204 || status == 304;
    x->unpacker.on = x->request.unpacks && !bodiless && is_packed(fields, count);
    curl_url_get(x->url, CURLUPART_URL, &url, 0);
    struct http_head head = {.status = status, .url = str_from(url), .fields = fields};
    head.field_count = x->unpacker.on ? leave_out(fields, count) : count;
    x->told_head = true;
    exchange_events(x)->head(x->request.arg, &head);
    curl_free(url);
}

static int keep_location(struct http_exchange *x, const struct http_field *field, struct error *err)
{
    x->location = strndup(field->value.ptr, field->value.len);
    if (!x->location)
        return error_set(err, ST_NOMEM, "out of memory");
    if (strlen(x->location) != field->value.len)
        return error_set(err, ST_PROTOCOL, "it redirects to a URL with a NUL in it");
    return ST_OK;
}

static int head_complete(struct http_exchange *x)
{
    struct error *err = &x->failure;
    long status = 0;
    curl_easy_getinfo(x->easy, CURLINFO_RESPONSE_CODE, &status);
    if (status >= 100 && status < 200) {
        exchange_head_reset(x);
        return status == 101 ? error_set(err, ST_PROTOCOL, "it changes the protocol unasked") : ST_OK;
    }
    size_t count = field_count(&x->head);
    struct http_field *fields = fields_of(&x->head);
    if (!fields || buffer_failed(&x->head.text) || buffer_failed(&x->head.lengths)) {
        free(fields);
        return error_set(err, ST_NOMEM, "out of memory");
    }
    x->head.complete = true;
    int rc = check_transfer(fields, count, err);
    const struct http_field *location = find(fields, count, STR("location"));
    if (!rc && location && exchange_follows(x, (unsigned)status))
        rc = keep_location(x, location, err);
    else if (!rc)
        tell_head(x, (unsigned)status, fields, count);
    free(fields);
    return rc;
}

static int take_line(struct http_exchange *x, struct str line)
{
    x->head.bytes += line.len;
    if (x->head.bytes > HTTP_HEAD_BYTES_MAX || field_count(&x->head) > FIELDS_MAX)
        return error_set(&x->failure, ST_TOO_LARGE, "the head of its answer is longer than %zu bytes "
                         "or has more than %u fields", HTTP_HEAD_BYTES_MAX, FIELDS_MAX);
    if (x->head.complete)
        return ST_OK; /* a trailer */
    if (str_starts(line, STR("HTTP/"))) {
        exchange_head_reset(x);
        return ST_OK;
    }
    if (str_eq(line, STR("\r\n")) || str_eq(line, STR("\n")))
        return head_complete(x);
    take_field(&x->head, line);
    return ST_OK;
}

size_t exchange_take_header(char *data, size_t size, size_t count, void *arg)
{
    struct str line = {data, size * count};
    return line.len && take_line(arg, line) ? 0 : line.len;
}

/* ---- the body ---- */

static bool give(struct http_exchange *x, struct str piece)
{
    if (piece.len == 0)
        return true;
    x->bytes += piece.len;
    if (x->bytes > x->request.max_bytes) {
        error_set(&x->failure, ST_TOO_LARGE, "its answer is longer than %llu bytes",
                  (unsigned long long)x->request.max_bytes);
        return false;
    }
    x->ahead += piece.len;
    exchange_events(x)->body(x->request.arg, piece);
    return true;
}

bool exchange_waits(const struct http_exchange *x)
{
    return x->rest_at < x->rest.len || x->unpacker.more;
}

bool exchange_drain(struct http_exchange *x)
{
    char out[16384];
    while (exchange_waits(x) && x->ahead < HTTP_AHEAD) {
        struct str piece = {x->rest.data + x->rest_at, x->rest.len - x->rest_at};
        size_t room = HTTP_AHEAD - x->ahead, made;
        if (unpack_step(&x->unpacker, &piece, out, room < sizeof(out) ? room : sizeof(out), &made,
                        &x->failure) ||
            !give(x, (struct str){out, made}))
            return false;
        x->rest_at = x->rest.len - piece.len;
    }
    if (x->rest_at == x->rest.len) {
        buffer_reset(&x->rest, CURL_MAX_WRITE_SIZE);
        x->rest_at = 0;
    }
    return true;
}

static size_t swallow(struct http_exchange *x, size_t len)
{
    x->swallowed += len;
    return x->swallowed > SWALLOWED_MAX ? 0 : len;
}

size_t exchange_take_body(char *data, size_t size, size_t count, void *arg)
{
    struct http_exchange *x = arg;
    struct str piece = {data, size * count};
    if (x->location)
        return swallow(x, piece.len);
    if (exchange_waits(x) || (!x->unpacker.on && x->ahead + piece.len > HTTP_AHEAD))
        return CURL_WRITEFUNC_PAUSE;
    if (!x->unpacker.on)
        return give(x, piece) ? piece.len : 0;
    buffer_add_str(&x->rest, piece);
    if (buffer_failed(&x->rest)) {
        error_set(&x->failure, ST_NOMEM, "out of memory");
        return 0;
    }
    return exchange_drain(x) ? piece.len : 0;
}

int exchange_check_end(struct http_exchange *x, struct error *err)
{
    if (x->unpacker.on && x->unpacker.started && !x->unpacker.ended)
        return error_set(err, ST_UNAVAILABLE, "its answer breaks off after %llu bytes",
                         (unsigned long long)x->bytes);
    return ST_OK;
}
