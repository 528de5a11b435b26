/*
 * plugin.c - the tool "webhook-caller" behind the plugin ABI.
 *
 * SPDX-License-Identifier: MIT
 */
#include "signing.h"

#include "hexmcp/plugin.h"
#include "kit/encode.h"
#include "kit/response.h"
#include "kit/retry.h"

#define PAYLOAD_MOST ((size_t)1024 * 1024)
#define ANSWER_MOST ((uint64_t)1024 * 1024)
#define PREVIEW ((size_t)4000)

struct call {
    const hexmcp_round *r;
    struct args args;
    struct delivery delivery;
    const char *method;
    struct bytes url;
    struct headers headers;
    hexmcp_str body;
    struct retry retry;
    uint32_t timeout_ms;
    bool dry_run;
};

/* ---- the arguments ---- */

static void read_payload(struct call *c)
{
    hexmcp_str payload = args_raw(&c->args, "payload");
    c->body = payload.len ? payload : hexmcp_str_from("{}");
    if (hexmcp_json_type(c->body) == HEXMCP_JSON_STRING) {
        c->body = args_bytes(&c->args, "payload", PAYLOAD_MOST);
        headers_put(&c->headers, "Content-Type", "text/plain; charset=utf-8");
    } else {
        headers_put(&c->headers, "Content-Type", "application/json");
    }
    if (c->body.len > PAYLOAD_MOST)
        args_fail(&c->args, HEXMCP_E_TOO_LARGE, "payload has %zu bytes, but at most %zu are sent; send less",
                  c->body.len, PAYLOAD_MOST);
}

/* An event that comes twice is known by its key, so that a POST is sent again, too. */
static void read_retry(struct call *c)
{
    unsigned again = (unsigned)args_int(&c->args, "max_retries", 0, 9, 3);
    c->retry = retry_default(again + 1);
    c->retry.wait_ms = (uint64_t)args_int(&c->args, "retry_initial_ms", 0, 60000, 1000);
}

static int32_t read_call(struct call *c)
{
    static const char *const methods[] = {"POST", "PUT", "PATCH", NULL};
    struct args *args = &c->args;
    *args = args_begin(c->r->args, c->r->err);
    headers_begin(&c->headers);
    const char *url = url_argument(args, "input");
    if (!bytes_add(&c->url, url, strlen(url)))
        args_fail(args, HEXMCP_E_NOMEM, "out of memory for the URL; try again");
    c->method = methods[args_choice(args, "method", methods, 0)];
    c->timeout_ms = (uint32_t)args_int(args, "timeout_ms", 100, 120000, 30000);
    c->dry_run = args_bool(args, "dry_run", false);
    read_retry(c);
    headers_read(c->r, args, "headers", &c->headers);
    headers_read_auth(c->r, args, "auth", &c->headers, &c->url);
    read_payload(c);
    delivery_begin(args, &c->delivery);
    if (args_status(args) == HEXMCP_OK)
        signing_put(c->r, args, &c->delivery, &c->headers);
    return args_status(args);
}

static void free_call(struct call *c)
{
    args_end(&c->args);
    headers_end(&c->headers);
    bytes_free(&c->url);
}

/* ---- the answer ---- */

static void put_delivery(hexmcp_json_writer *w, const struct call *c)
{
    hexmcp_json_put_text(w, "operation", "call");
    hexmcp_json_put_text(w, "idempotency_key", c->delivery.id);
    hexmcp_json_put_text(w, "timestamp", c->delivery.timestamp);
}

static int32_t tell(struct call *c)
{
    struct answer a;
    hexmcp_json_writer *w = answer_begin(&a, c->r);
    put_delivery(w, c);
    hexmcp_json_put_bool(w, "success", 0);
    hexmcp_json_put_bool(w, "dry_run", 1);
    hexmcp_json_key(w, "request");
    hexmcp_json_begin_object(w);
    hexmcp_json_put_text(w, "method", c->method);
    hexmcp_json_put_string(w, "url", bytes_str(&c->url));
    hexmcp_json_put_raw(w, "headers", headers_shown(&c->headers));
    hexmcp_str start = {c->body.ptr, utf8_cut(c->body, PREVIEW)};
    hexmcp_json_put_string(w, "body", start.ptr ? start : hexmcp_str_from(""));
    if (start.len < c->body.len)
        hexmcp_json_put_bool(w, "body_cut", 1);
    hexmcp_json_put_int64(w, "body_bytes", (int64_t)c->body.len);
    hexmcp_json_end_object(w);
    answer_text(&a, "Nothing was sent. It would be %s %.300s.", c->method, c->url.ptr);
    return answer_end(&a);
}

/* Receivers answer little: more than a beginning is of no use. */
static void put_response(hexmcp_json_writer *w, const hexmcp_round *r, hexmcp_str body)
{
    if (body.len == 0 || !is_utf8(body) || memchr(body.ptr, 0, body.len))
        return;
    hexmcp_str start = {body.ptr, utf8_cut(body, PREVIEW)};
    if (start.len == body.len && response_is_json(r, body)) {
        hexmcp_json_put_raw(w, "response", body);
        return;
    }
    hexmcp_json_put_string(w, "response", start);
    if (start.len < body.len)
        hexmcp_json_put_bool(w, "truncated", 1);
}

static void put_attempts(hexmcp_json_writer *w, const struct retried *how)
{
    hexmcp_json_put_int64(w, "retries_attempted", (int64_t)how->attempts - 1);
    if (how->attempts > 1)
        hexmcp_json_put_text(w, "retried_because", how->last);
}

static int32_t answer(const struct call *c, const struct fetch_answer *got, const struct retried *how)
{
    struct answer a;
    bool success = got->status >= 200 && got->status < 300;
    hexmcp_json_writer *w = answer_begin(&a, c->r);
    put_delivery(w, c);
    hexmcp_json_put_bool(w, "success", success);
    hexmcp_json_put_int64(w, "status_code", got->status);
    hexmcp_json_put_text(w, "status_text", response_reason(got->status));
    hexmcp_json_put_int64(w, "response_time_ms", (int64_t)got->ms);
    put_attempts(w, how);
    put_response(w, c->r, bytes_str(&got->body));
    answer_text(&a, "%s: %d %s after %u %s.", success ? "Delivered" : "Not delivered", got->status,
                response_reason(got->status), how->attempts, how->attempts == 1 ? "attempt" : "attempts");
    return answer_end(&a);
}

/* No attempt had an answer. */
static int32_t fail(const struct call *c, const struct retried *how, int32_t status)
{
    char text[HEXMCP_ERROR_TEXT];
    if (how->attempts < 2)
        return status;
    snprintf(text, sizeof(text), "%s", c->r->err->text);
    return hexmcp_fail(c->r->err, status, "%.360s (after %u attempts; idempotency_key %s)", text,
                       how->attempts, c->delivery.id);
}

static int32_t deliver(struct call *c)
{
    struct pace pace = pace_begin(c->r);
    struct fetch_answer got;
    struct retried how;
    const struct fetch_request request = {
        .url = c->url.ptr,
        .method = c->method,
        .headers_json = headers_sent(&c->headers),
        .body = c->body,
        .timeout_ms = c->timeout_ms,
        .max_redirects = -1, /* a receiver that moved is to be told of, not followed */
        .max_bytes = ANSWER_MOST,
    };
    int32_t status = retry_fetch(&pace, &c->retry, &request, &got, &how);
    if (status != HEXMCP_OK)
        return fail(c, &how, status);
    status = answer(c, &got, &how);
    fetch_free(&got);
    return status;
}

static int32_t run(const hexmcp_round *r)
{
    struct call c = {.r = r};
    int32_t status = read_call(&c);
    if (status == HEXMCP_OK)
        status = c.dry_run ? tell(&c) : deliver(&c);
    free_call(&c);
    return status == HEXMCP_E_CANCELLED ? hexmcp_round_cancel(r) : status;
}

static const hexmcp_simple_item tools[] = {HEXMCP_ITEM("webhook-caller", run), HEXMCP_ITEM_END};

static const hexmcp_simple plugin = {.tools = tools};

HEXMCP_SIMPLE_PLUGIN("hexmcp.webhook-caller", "0.1.0", plugin);
