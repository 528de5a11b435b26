/*
 * SPDX-License-Identifier: MIT
 */
#include "kit/fetch.h"

#include <time.h>

#include "hexmcp/host/http.h"
#include "kit/wait.h"

/* Between two reports of progress. */
#define WAIT_MS 200u

struct fetching {
    struct wait wait; /* until it is over, or `take` has enough */
    struct wait end;
    const struct fetch_request *request;
    struct fetch_answer *answer;
    const hexmcp_http_1 *http;
    uint64_t id;
    int32_t status;
    bool short_of_memory;
    bool enough;
    struct bytes told; /* of the end */
};

static void on_head(void *arg, hexmcp_str json)
{
    struct fetching *f = arg;
    if (!bytes_add(&f->answer->head, json.ptr, json.len))
        f->short_of_memory = true;
}

static int32_t on_body(void *arg, const void *data, size_t len)
{
    struct fetching *f = arg;
    if (f->enough)
        return HEXMCP_PENDING;
    if (f->request->take) {
        f->enough = !f->request->take(f->request->arg, data, len);
        if (f->enough)
            wait_over(&f->wait);
        return f->enough ? HEXMCP_PENDING : HEXMCP_OK;
    }
    if (!f->short_of_memory && !bytes_add(&f->answer->body, data, len))
        f->short_of_memory = true;
    return HEXMCP_OK;
}

static void on_end(void *arg, int32_t status, hexmcp_str json)
{
    struct fetching *f = arg;
    f->status = status;
    if (!bytes_add(&f->told, json.ptr, json.len))
        f->short_of_memory = true;
    wait_over(&f->wait);
    wait_over(&f->end);
}

static void put_headers(hexmcp_json_writer *w, const struct fetch_request *q)
{
    hexmcp_json_key(w, "headers");
    hexmcp_json_begin_array(w);
    for (size_t i = 0; i < q->header_count; i++) {
        hexmcp_json_begin_array(w);
        hexmcp_json_write_text(w, q->headers[i][0]);
        hexmcp_json_write_text(w, q->headers[i][1]);
        hexmcp_json_end_array(w);
    }
    hexmcp_json_end_array(w);
}

static void put_request(hexmcp_json_writer *w, const struct fetch_request *q)
{
    hexmcp_json_begin_object(w);
    hexmcp_json_put_text(w, "url", q->url);
    if (q->method)
        hexmcp_json_put_text(w, "method", q->method);
    if (q->headers_json.len)
        hexmcp_json_put_raw(w, "headers", q->headers_json);
    else if (q->header_count)
        put_headers(w, q);
    if (q->timeout_ms)
        hexmcp_json_put_int64(w, "timeoutMs", q->timeout_ms);
    if (q->max_redirects)
        hexmcp_json_put_int64(w, "maxRedirects", q->max_redirects > 0 ? q->max_redirects : 0);
    if (q->max_bytes)
        hexmcp_json_put_int64(w, "maxBytes", (int64_t)q->max_bytes);
    hexmcp_json_end_object(w);
}

static int32_t ask(const hexmcp_round *r, const struct fetch_request *q, struct fetching *f)
{
    const hexmcp_http_sink sink = {sizeof(sink), 0, on_head, on_body, on_end, NULL};
    hexmcp_json_writer w;
    hexmcp_json_writer_init(&w);
    put_request(&w, q);
    int32_t status = hexmcp_json_writer_status(&w);
    if (status == HEXMCP_OK)
        status = f->http->request(f->http->ctx, r->call, hexmcp_json_writer_text(&w), q->body, &sink,
                                  f, &f->id);
    hexmcp_json_writer_free(&w);
    if (status != HEXMCP_OK)
        return hexmcp_fail(r->err, status, "the request to %.200s was not taken; try again", q->url);
    for (unsigned ms = WAIT_MS; !wait_some(&f->wait, WAIT_MS); ms += WAIT_MS)
        r->host->progress(r->host->ctx, r->call, ms, 0, hexmcp_str_from("waiting for the answer"));
    if (f->enough)
        f->http->cancel(f->http->ctx, f->id);
    wait_for(&f->end);
    return f->status;
}

static double now_ms(void)
{
    struct timespec t;
    clock_gettime(CLOCK_MONOTONIC, &t);
    return (double)t.tv_sec * 1e3 + (double)t.tv_nsec / 1e6;
}

static int32_t fail(const hexmcp_round *r, const struct fetching *f)
{
    char text[HEXMCP_ERROR_TEXT] = "the request failed; try again";
    hexmcp_str message;
    if (hexmcp_json_get(bytes_str(&f->told), "message", &message) == HEXMCP_OK)
        hexmcp_json_string(message, text, sizeof(text), NULL);
    return hexmcp_fail(r->err, f->status, "%s", text);
}

static void take_facts(struct fetching *f)
{
    struct fetch_answer *a = f->answer;
    hexmcp_str value;
    int64_t number;
    size_t len;
    if (hexmcp_json_get(bytes_str(&a->head), "status", &value) == HEXMCP_OK &&
        hexmcp_json_int64(value, &number) == HEXMCP_OK)
        a->status = (int)number;
    if (hexmcp_json_get(bytes_str(&f->told), "redirects", &value) == HEXMCP_OK &&
        hexmcp_json_int64(value, &number) == HEXMCP_OK)
        a->redirects = (int)number;
    if (hexmcp_json_get(bytes_str(&a->head), "url", &value) == HEXMCP_OK)
        hexmcp_json_string_dup(value, &a->url, &len);
    if (!a->url)
        f->short_of_memory = true;
}

/* Whether the part that came is what was asked for. */
static bool is_part(const struct fetching *f)
{
    if (f->enough)
        return true;
    return f->request->partial && f->answer->head.len > 0 &&
           (f->status == HEXMCP_E_TIMEOUT || f->status == HEXMCP_E_TOO_LARGE);
}

static int32_t take(const hexmcp_round *r, struct fetching *f)
{
    f->answer->cut = is_part(f);
    if (f->status != HEXMCP_OK && !f->answer->cut)
        return fail(r, f);
    take_facts(f);
    if (f->short_of_memory)
        return hexmcp_fail(r->err, HEXMCP_E_NOMEM, "out of memory for the answer; try again");
    return HEXMCP_OK;
}

int32_t fetch(const hexmcp_round *r, const struct fetch_request *request,
              struct fetch_answer *answer)
{
    struct fetching f = {.request = request,
                         .answer = answer,
                         .http = hexmcp_round_service(r, HEXMCP_HTTP_1)};
    double began = now_ms();
    *answer = (struct fetch_answer){0};
    if (!f.http)
        return hexmcp_fail(r->err, HEXMCP_E_DENIED,
                           "no host was granted to this tool; the operator allows one with "
                           "--allow-host NAME or \"grants.hosts\" of the configuration");
    wait_begin(&f.wait);
    wait_begin(&f.end);
    int32_t status = ask(r, request, &f);
    wait_end(&f.wait);
    wait_end(&f.end);
    if (status == f.status)
        status = take(r, &f);
    answer->ms = now_ms() - began;
    bytes_free(&f.told);
    if (status != HEXMCP_OK)
        fetch_free(answer);
    return status;
}

void fetch_free(struct fetch_answer *answer)
{
    bytes_free(&answer->head);
    bytes_free(&answer->body);
    free(answer->url);
    answer->url = NULL;
}

hexmcp_str fetch_header(const struct fetch_answer *answer, const char *name)
{
    hexmcp_str headers, pair, part, none = {NULL, 0};
    if (hexmcp_json_get(bytes_str(&answer->head), "headers", &headers) != HEXMCP_OK)
        return none;
    hexmcp_json_iter it = hexmcp_json_iter_begin(headers);
    while (hexmcp_json_next(&it, NULL, &pair)) {
        hexmcp_json_iter parts = hexmcp_json_iter_begin(pair);
        if (hexmcp_json_next(&parts, NULL, &part) && hexmcp_json_equals(part, name) &&
            hexmcp_json_next(&parts, NULL, &part))
            return part;
    }
    return none;
}
