/*
 * SPDX-License-Identifier: MIT
 */
#include "kit/response.h"

#include "hexmcp/host/schema.h"
#include "kit/encode.h"
#include "kit/keep.h"
#include "kit/target.h"

#define PREVIEW ((size_t)4000)
#define HEADERS_SHOWN 100

const char *response_reason(int status)
{
    static const struct {
        int status;
        const char *text;
    } reasons[] = {
        {200, "OK"}, {201, "Created"}, {202, "Accepted"}, {203, "Non-Authoritative Information"},
        {204, "No Content"}, {205, "Reset Content"}, {206, "Partial Content"},
        {300, "Multiple Choices"}, {301, "Moved Permanently"}, {302, "Found"}, {303, "See Other"},
        {304, "Not Modified"}, {307, "Temporary Redirect"}, {308, "Permanent Redirect"},
        {400, "Bad Request"}, {401, "Unauthorized"}, {402, "Payment Required"}, {403, "Forbidden"},
        {404, "Not Found"}, {405, "Method Not Allowed"}, {406, "Not Acceptable"},
        {408, "Request Timeout"}, {409, "Conflict"}, {410, "Gone"}, {411, "Length Required"},
        {412, "Precondition Failed"}, {413, "Content Too Large"}, {414, "URI Too Long"},
        {415, "Unsupported Media Type"}, {416, "Range Not Satisfiable"}, {418, "I'm a teapot"},
        {421, "Misdirected Request"}, {422, "Unprocessable Content"}, {423, "Locked"},
        {425, "Too Early"}, {426, "Upgrade Required"}, {428, "Precondition Required"},
        {429, "Too Many Requests"}, {431, "Request Header Fields Too Large"},
        {451, "Unavailable For Legal Reasons"}, {500, "Internal Server Error"},
        {501, "Not " "Implemented"}, {502, "Bad Gateway"}, {503, "Service Unavailable"},
        {504, "Gateway Timeout"}, {505, "HTTP Version Not Supported"}};
    for (size_t i = 0; i < sizeof(reasons) / sizeof(reasons[0]); i++)
        if (reasons[i].status == status)
            return reasons[i].text;
    return "";
}

/* ---- headers ---- */

struct pair {
    hexmcp_str name, value; /* JSON */
};

static size_t read_pairs(const struct fetch_answer *answer, struct pair pairs[HEADERS_SHOWN])
{
    hexmcp_str list, each;
    size_t count = 0;
    if (hexmcp_json_get(bytes_str(&answer->head), "headers", &list) != HEXMCP_OK)
        return 0;
    hexmcp_json_iter it = hexmcp_json_iter_begin(list);
    while (count < HEADERS_SHOWN && hexmcp_json_next(&it, NULL, &each)) {
        hexmcp_json_iter parts = hexmcp_json_iter_begin(each);
        struct pair *pair = &pairs[count];
        if (hexmcp_json_next(&parts, NULL, &pair->name) &&
            hexmcp_json_next(&parts, NULL, &pair->value))
            count++;
    }
    return count;
}

static bool same(hexmcp_str a, hexmcp_str b)
{
    return a.len == b.len && memcmp(a.ptr, b.ptr, a.len) == 0;
}

/* Nothing for one that came before: it stands there with all of its values. */
static void put_values(hexmcp_json_writer *w, const struct pair *pairs, size_t count, size_t at)
{
    char name[256];
    size_t values = 0;
    for (size_t i = 0; i < count; i++) {
        if (i < at && same(pairs[i].name, pairs[at].name))
            return;
        values += same(pairs[i].name, pairs[at].name);
    }
    if (hexmcp_json_string(pairs[at].name, name, sizeof(name), NULL) != HEXMCP_OK)
        return;
    hexmcp_json_key(w, name);
    if (values > 1)
        hexmcp_json_begin_array(w);
    for (size_t i = at; i < count; i++)
        if (same(pairs[i].name, pairs[at].name))
            hexmcp_json_write_raw(w, pairs[i].value);
    if (values > 1)
        hexmcp_json_end_array(w);
}

void response_put_headers(hexmcp_json_writer *w, const char *key, const struct fetch_answer *answer)
{
    struct pair pairs[HEADERS_SHOWN];
    size_t count = read_pairs(answer, pairs);
    hexmcp_json_key(w, key);
    hexmcp_json_begin_object(w);
    for (size_t i = 0; i < count; i++)
        put_values(w, pairs, count, i);
    hexmcp_json_end_object(w);
}

/* ---- the body ---- */

static void nothing(void *arg, hexmcp_str json)
{
    (void)arg;
    (void)json;
}

bool response_is_json(const hexmcp_round *r, hexmcp_str text)
{
    const hexmcp_schema_1 *schema = hexmcp_round_service(r, HEXMCP_SCHEMA_1);
    return schema && text.len > 0 &&
           schema->validate(schema->ctx, hexmcp_str_from("true"), text, 0, nothing, NULL, NULL) ==
               HEXMCP_OK;
}

static const char *mime_of(const struct fetch_answer *answer, char mime[100])
{
    hexmcp_str value = fetch_header(answer, "content-type");
    char text[300];
    if (value.len == 0 || hexmcp_json_string(value, text, sizeof(text), NULL) != HEXMCP_OK)
        text[0] = '\0';
    size_t len = strcspn(text, "; \t");
    if (len == 0 || len >= 100 || !memchr(text, '/', len))
        return "application/octet-stream";
    memcpy(mime, text, len);
    mime[len] = '\0';
    return mime;
}

static enum response_format format_of(const hexmcp_round *r, hexmcp_str body,
                                      enum response_format wanted)
{
    if (wanted == RESPONSE_BASE64 || !is_utf8(body) || memchr(body.ptr ? body.ptr : "", 0, body.len))
        return RESPONSE_BASE64;
    if (wanted != RESPONSE_TEXT && response_is_json(r, body))
        return RESPONSE_JSON;
    return RESPONSE_TEXT;
}

static void put_text(hexmcp_json_writer *w, const char *key, hexmcp_str text)
{
    hexmcp_json_put_string(w, key, text.ptr ? text : hexmcp_str_from(""));
}

static bool put_base64(hexmcp_json_writer *w, const char *key, hexmcp_str body)
{
    struct bytes text = {0};
    bool good = encode_base64(&text, body.ptr, body.len);
    if (good)
        hexmcp_json_put_string(w, key, bytes_str(&text));
    bytes_free(&text);
    return good;
}

/* All of it. */
static int32_t put_whole(struct answer *a, hexmcp_str body, enum response_format format)
{
    hexmcp_json_writer *w = &a->json;
    if (format == RESPONSE_JSON)
        hexmcp_json_put_raw(w, "body", body);
    else if (format == RESPONSE_TEXT)
        put_text(w, "body", body);
    else if (!put_base64(w, "body", body))
        return hexmcp_fail(a->r->err, HEXMCP_E_NOMEM, "out of memory for the answer; try again");
    return HEXMCP_OK;
}

/* The beginning, and a link to all. The request was made, so that it cannot be kept is no failure. */
static int32_t put_large(struct answer *a, const struct fetch_answer *answer, hexmcp_str body,
                         enum response_format format)
{
    hexmcp_json_writer *w = &a->json;
    struct kept kept;
    char mime[100];
    const char *type = mime_of(answer, mime);
    hexmcp_json_put_bool(w, "truncated", 1);
    if (format != RESPONSE_BASE64) {
        hexmcp_str start = {body.ptr, utf8_cut(body, PREVIEW)};
        put_text(w, "body_preview", start);
    }
    if (keep(a, body, "response body", type, "give target_path", &kept) == HEXMCP_OK)
        hexmcp_json_put_text(w, "body_uri", kept.uri);
    else
        hexmcp_json_put_text(w, "not_kept", a->r->err->text);
    return HEXMCP_OK;
}

int32_t response_put_body(struct answer *a, const struct fetch_answer *answer,
                          const struct response_body *how)
{
    static const char *const names[] = {"", "text", "json", "base64"};
    hexmcp_json_writer *w = &a->json;
    hexmcp_str body = bytes_str(&answer->body);
    enum response_format format = format_of(a->r, body, how->format);
    hexmcp_json_put_int64(w, "body_bytes", (int64_t)body.len);
    if (how->target_path) {
        int32_t status = target_put(a->r, how->target_path, how->overwrite, body);
        if (status == HEXMCP_OK)
            hexmcp_json_put_text(w, "target_path", how->target_path);
        return status;
    }
    if (body.len == 0)
        return HEXMCP_OK;
    hexmcp_json_put_text(w, "body_format", names[format]);
    return body.len > KEEP_ABOVE ? put_large(a, answer, body, format) : put_whole(a, body, format);
}
