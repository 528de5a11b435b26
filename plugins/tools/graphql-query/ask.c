/*
 * SPDX-License-Identifier: MIT
 */
#include "ask.h"

#include "kit/encode.h"
#include "kit/keep.h"
#include "kit/response.h"

#define ANSWER_MOST ((uint64_t)32 * 1024 * 1024)
#define PREVIEW ((size_t)2000)

bool ask_write(const struct question *q, const char *document, size_t len, struct bytes *body)
{
    hexmcp_json_writer w;
    hexmcp_json_writer_init(&w);
    hexmcp_json_begin_object(&w);
    hexmcp_json_put_string(&w, "query", (hexmcp_str){document, len});
    if (q->variables.len > 0)
        hexmcp_json_put_raw(&w, "variables", q->variables);
    if (*q->operation_name)
        hexmcp_json_put_text(&w, "operationName", q->operation_name);
    hexmcp_json_end_object(&w);
    hexmcp_str text = hexmcp_json_writer_text(&w);
    bool good = hexmcp_json_writer_status(&w) == HEXMCP_OK && bytes_add(body, text.ptr, text.len);
    hexmcp_json_writer_free(&w);
    return good;
}

int32_t ask_fail(const struct question *q, const struct fetch_answer *answer, hexmcp_str body)
{
    char type[80] = "no type";
    hexmcp_str value = fetch_header(answer, "content-type");
    if (value.len > 0)
        hexmcp_json_string(value, type, sizeof(type), NULL);
    bool text = is_utf8(body) && body.len > 0;
    return hexmcp_fail(q->r->err, HEXMCP_E_PROTOCOL,
                       "the endpoint answered %d %s with %.80s, which is no answer of GraphQL%s%.*s; check "
                       "the endpoint and auth",
                       answer->status, response_reason(answer->status), type, text ? ": " : "",
                       text ? (int)utf8_cut(body, 150) : 0, text ? body.ptr : "");
}

static bool is_answer(const struct question *q, hexmcp_str body)
{
    hexmcp_str value;
    return is_utf8(body) && response_is_json(q->r, body) &&
           hexmcp_json_type(body) == HEXMCP_JSON_OBJECT &&
           (hexmcp_json_get(body, "data", &value) == HEXMCP_OK ||
            (hexmcp_json_get(body, "errors", &value) == HEXMCP_OK &&
             hexmcp_json_type(value) == HEXMCP_JSON_ARRAY));
}

int32_t ask(const struct question *q, hexmcp_str document, struct fetch_answer *answer, hexmcp_str *json)
{
    struct bytes body = {0};
    const hexmcp_json_writer *sent = &q->headers.sent;
    if (!ask_write(q, document.ptr, document.len, &body)) {
        bytes_free(&body);
        return hexmcp_fail(q->r->err, HEXMCP_E_NOMEM, "out of memory for the request; try again");
    }
    const struct fetch_request request = {.url = q->endpoint.ptr,
                                          .method = "POST",
                                          .headers_json = hexmcp_json_writer_text(sent),
                                          .body = bytes_str(&body),
                                          .timeout_ms = q->timeout_ms,
                                          .max_bytes = ANSWER_MOST};
    int32_t status = fetch(q->r, &request, answer);
    bytes_free(&body);
    if (status != HEXMCP_OK)
        return status;
    if (is_answer(q, bytes_str(&answer->body))) {
        *json = bytes_str(&answer->body);
        return HEXMCP_OK;
    }
    status = ask_fail(q, answer, bytes_str(&answer->body));
    fetch_free(answer);
    return status;
}

size_t ask_errors(hexmcp_str json, char *first, size_t room)
{
    hexmcp_str errors, error, message;
    size_t count = 0;
    if (hexmcp_json_get(json, "errors", &errors) != HEXMCP_OK)
        return 0;
    hexmcp_json_iter it = hexmcp_json_iter_begin(errors);
    while (hexmcp_json_next(&it, NULL, &error)) {
        char *text = NULL;
        size_t len;
        if (count++ == 0 && hexmcp_json_get(error, "message", &message) == HEXMCP_OK &&
            hexmcp_json_string_dup(message, &text, &len) == HEXMCP_OK)
            snprintf(first, room, "%.*s", (int)utf8_cut((hexmcp_str){text, len}, room - 1), text);
        free(text);
    }
    return count;
}

static void put_data(struct answer *a, hexmcp_str data)
{
    struct kept kept;
    hexmcp_json_writer *w = &a->json;
    if (data.len <= KEEP_ABOVE) {
        hexmcp_json_put_raw(w, "data", data);
        return;
    }
    hexmcp_json_put_bool(w, "truncated", 1);
    hexmcp_json_put_int64(w, "data_bytes", (int64_t)data.len);
    hexmcp_json_put_string(w, "data_preview", (hexmcp_str){data.ptr, utf8_cut(data, PREVIEW)});
    /* The request was made, and a mutation carried out: that it cannot be kept is no failure. */
    if (keep(a, data, "data of GraphQL", "application/json", "ask for less", &kept) == HEXMCP_OK)
        hexmcp_json_put_text(w, "data_uri", kept.uri);
    else
        hexmcp_json_put_text(w, "not_kept", a->r->err->text);
}

void ask_put(const struct question *q, struct answer *a, hexmcp_str json)
{
    hexmcp_str value;
    char first[200] = "";
    size_t errors = ask_errors(json, first, sizeof(first));
    hexmcp_json_put_bool(&a->json, "success", errors == 0);
    if (hexmcp_json_get(json, "data", &value) == HEXMCP_OK)
        put_data(a, value);
    if (errors > 0 && hexmcp_json_get(json, "errors", &value) == HEXMCP_OK)
        hexmcp_json_put_raw(&a->json, "errors", value);
    if (hexmcp_json_get(json, "extensions", &value) == HEXMCP_OK)
        hexmcp_json_put_raw(&a->json, "extensions", value);
    if (errors == 0)
        answer_text(a, "The %s was answered without errors.", q->operation);
    else
        answer_text(a, "The %s was answered with %zu %s: %s", q->operation, errors,
                    errors == 1 ? "error" : "errors", first);
}
