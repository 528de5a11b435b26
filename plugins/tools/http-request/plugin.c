/*
 * plugin.c - the tool "http-request" behind the plugin ABI.
 *
 * SPDX-License-Identifier: MIT
 */
#include "rate.h"
#include "request.h"

#include "hexmcp/host/http.h"
#include "hexmcp/plugin.h"
#include "hexmcp/simple.h"
#include "kit/encode.h"
#include "kit/target.h"

#include <time.h>

#define BODY_SHOWN 2000

/* ---- a dry run ---- */

static void put_body(hexmcp_json_writer *w, hexmcp_str body)
{
    if (body.len == 0)
        return;
    if (is_utf8(body)) {
        hexmcp_str start = {body.ptr, utf8_cut(body, BODY_SHOWN)};
        hexmcp_json_put_string(w, "body", start);
        if (start.len < body.len)
            hexmcp_json_put_bool(w, "body_cut", 1);
    }
    hexmcp_json_put_int64(w, "body_bytes", (int64_t)body.len);
}

static int32_t check_target(const hexmcp_round *r, const struct request *q)
{
    bool there;
    if (!q->answer.target_path)
        return HEXMCP_OK;
    return target_check(r, q->answer.target_path, q->answer.overwrite, &there);
}

static int32_t tell(const hexmcp_round *r, struct request *q)
{
    struct answer a;
    int32_t status = check_target(r, q);
    if (status != HEXMCP_OK)
        return status;
    hexmcp_json_writer *w = answer_begin(&a, r);
    hexmcp_json_put_text(w, "operation", "request");
    hexmcp_json_put_bool(w, "dry_run", 1);
    hexmcp_json_key(w, "request");
    hexmcp_json_begin_object(w);
    hexmcp_json_put_text(w, "method", q->method);
    hexmcp_json_put_string(w, "url", bytes_str(&q->url));
    hexmcp_json_put_raw(w, "headers", headers_shown(&q->headers));
    put_body(w, bytes_str(&q->body));
    hexmcp_json_end_object(w);
    answer_text(&a, "Nothing was sent. It would be %s %.300s.", q->method, q->url.ptr);
    return answer_end(&a);
}

/* ---- a request ---- */

static void put_time(hexmcp_json_writer *w)
{
    char text[40];
    time_t now = time(NULL);
    struct tm t;
    gmtime_r(&now, &t);
    strftime(text, sizeof(text), "%Y-%m-%dT%H:%M:%SZ", &t);
    hexmcp_json_put_text(w, "timestamp", text);
}

static void put_facts(hexmcp_json_writer *w, const struct request *q,
                      const struct fetch_answer *answer, const struct retried *how)
{
    hexmcp_json_put_text(w, "operation", "request");
    hexmcp_json_put_text(w, "method", q->method);
    hexmcp_json_put_text(w, "url", answer->url);
    hexmcp_json_put_int64(w, "status_code", answer->status);
    hexmcp_json_put_text(w, "status_text", response_reason(answer->status));
    hexmcp_json_put_bool(w, "success", answer->status < 400);
    hexmcp_json_put_int64(w, "redirects", answer->redirects);
    hexmcp_json_put_int64(w, "attempts", how->attempts);
    if (how->attempts > 1)
        hexmcp_json_put_text(w, "retried_because", how->last);
    hexmcp_json_put_int64(w, "duration_ms", (int64_t)answer->ms);
    put_time(w);
    response_put_headers(w, "headers", answer);
}

static int32_t answer(const hexmcp_round *r, const struct request *q,
                      const struct fetch_answer *got, const struct retried *how)
{
    struct answer a;
    put_facts(answer_begin(&a, r), q, got, how);
    int32_t status = response_put_body(&a, got, &q->answer);
    if (status != HEXMCP_OK) {
        answer_drop(&a);
        return status;
    }
    answer_text(&a, "%s %.200s: %d %s, %zu bytes.", q->method, got->url, got->status,
                response_reason(got->status), got->body.len);
    return answer_end(&a);
}

static int32_t send_it(const hexmcp_round *r, struct request *q)
{
    struct pace pace = pace_begin(r);
    struct fetch_answer got;
    struct retried how;
    struct fetch_request request = {
        .url = q->url.ptr,
        .method = q->method,
        .headers_json = headers_sent(&q->headers),
        .body = bytes_str(&q->body),
        .timeout_ms = q->timeout_ms,
        .max_redirects = q->max_redirects > 0 ? q->max_redirects : -1,
        .max_bytes = q->max_bytes,
    };
    int32_t status = check_target(r, q);
    if (status == HEXMCP_OK && hexmcp_round_service(r, HEXMCP_HTTP_1))
        status = rate_take(r->self, r->err);
    if (status == HEXMCP_OK)
        status = retry_fetch(&pace, &q->retry, &request, &got, &how);
    if (status != HEXMCP_OK)
        return status;
    status = answer(r, q, &got, &how);
    fetch_free(&got);
    return status;
}

static int32_t run(const hexmcp_round *r)
{
    struct request q;
    int32_t status = request_read(r, &q);
    if (status == HEXMCP_OK)
        status = q.dry_run ? tell(r, &q) : send_it(r, &q);
    request_free(&q);
    return status == HEXMCP_E_CANCELLED ? hexmcp_round_cancel(r) : status;
}

/* ---- the plugin ---- */

static int32_t make(void *self, const hexmcp_host *host, hexmcp_error *err)
{
    struct rate *rate = self;
    (void)host;
    if (pthread_mutex_init(&rate->mutex, NULL) != 0)
        return hexmcp_fail(err, HEXMCP_E_NOMEM, "out of memory making the plugin; try again");
    return HEXMCP_OK;
}

static int32_t init(void *self, const hexmcp_host *host, hexmcp_str config_json, hexmcp_error *err)
{
    struct rate *rate = self;
    hexmcp_str value;
    int64_t most = 60;
    (void)host;
    if (hexmcp_json_get(config_json, "perMinute", &value) == HEXMCP_OK &&
        (hexmcp_json_int64(value, &most) != HEXMCP_OK || most < 1 || most > RATE_MOST))
        return hexmcp_fail(err, HEXMCP_E_CONFIG, "perMinute is no number from 1 to %d; correct it",
                           RATE_MOST);
    rate->most = (unsigned)most;
    return HEXMCP_OK;
}

static void clear(void *self)
{
    pthread_mutex_destroy(&((struct rate *)self)->mutex);
}

static const hexmcp_simple_item tools[] = {HEXMCP_ITEM("http-request", run), HEXMCP_ITEM_END};

static const hexmcp_simple plugin = {.self_size = sizeof(struct rate),
                                     .make = make,
                                     .init = init,
                                     .clear = clear,
                                     .tools = tools};

HEXMCP_SIMPLE_PLUGIN("hexmcp.http-request", "0.1.0", plugin);
