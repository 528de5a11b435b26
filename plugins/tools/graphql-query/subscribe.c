/*
 * SPDX-License-Identifier: MIT
 */
#include "subscribe.h"
#include "events.h"
#include "gathered.h"

#include "kit/encode.h"
#include "kit/response.h"

/* [loop] while the request runs. */
struct listening {
    const struct question *q;
    const struct fetch_answer *answer; /* its head is there when the body comes */
    struct events events;
    struct gathered gathered;
    struct bytes other; /* the body, if it is no stream */
    bool looked, is_stream, complete;
};

static bool on_event(void *arg, const char *type, hexmcp_str data)
{
    struct listening *l = arg;
    if (strcmp(type, "complete") == 0) {
        l->complete = true;
        return false;
    }
    if (strcmp(type, "next") != 0)
        return true;
    return gathered_add(&l->gathered, data);
}

static bool is_stream(const struct fetch_answer *answer)
{
    char type[200] = "";
    hexmcp_str value = fetch_header(answer, "content-type");
    if (value.len > 0)
        hexmcp_json_string(value, type, sizeof(type), NULL);
    return strncasecmp(type, "text/event-stream", 17) == 0;
}

static bool on_piece(void *arg, const void *data, size_t len)
{
    struct listening *l = arg;
    if (!l->looked) {
        l->looked = true;
        l->is_stream = is_stream(l->answer);
    }
    if (!l->is_stream)
        return l->other.len + len <= GATHERED_MOST && bytes_add(&l->other, data, len);
    if (events_take(&l->events, data, len))
        return true;
    struct gathered *g = &l->gathered;
    g->full = g->full || (!l->complete && g->count < g->most);
    return false;
}

static const char *end_of(const struct listening *l, const struct fetch_answer *answer)
{
    if (l->complete)
        return "complete";
    if (l->gathered.count >= l->gathered.most)
        return "max_events";
    return l->gathered.full ? "too_large" : answer->cut ? "time" : "closed";
}

/* A server may refuse in JSON what it does not stream. */
static int32_t answer_other(struct listening *l, const struct fetch_answer *answer, struct answer *a)
{
    hexmcp_str body = bytes_str(&l->other), value;
    if (is_utf8(body) && response_is_json(l->q->r, body) &&
        hexmcp_json_get(body, "errors", &value) == HEXMCP_OK) {
        hexmcp_json_put_int64(&a->json, "status_code", answer->status);
        ask_put(l->q, a, body);
        return HEXMCP_OK;
    }
    return ask_fail(l->q, answer, body);
}

static int32_t answer(struct listening *l, const struct fetch_answer *got, struct answer *a)
{
    hexmcp_json_writer *w = &a->json;
    if (!l->looked)
        l->is_stream = is_stream(got);
    if (!l->is_stream || got->status >= 300)
        return answer_other(l, got, a);
    hexmcp_json_put_int64(w, "status_code", got->status);
    hexmcp_json_put_text(w, "transport", "sse");
    hexmcp_json_put_int64(w, "duration_ms", (int64_t)got->ms);
    size_t wrong = gathered_put(&l->gathered, a, end_of(l, got));
    hexmcp_json_put_bool(w, "success", wrong == 0);
    return HEXMCP_OK;
}

static int32_t listen(struct listening *l, const struct fetch_request *request, struct fetch_answer *got,
                      struct answer *a)
{
    int32_t status = fetch(l->q->r, request, got);
    if (status != HEXMCP_OK)
        return status;
    status = answer(l, got, a);
    fetch_free(got);
    return status;
}

int32_t subscribe(struct question *q, hexmcp_str document, struct answer *a)
{
    struct fetch_answer got = {0};
    struct listening l = {.q = q, .answer = &got, .events = {.told = on_event}};
    struct bytes body = {0};
    int64_t ms = args_int(&q->args, "duration_ms", 100, 300000, 30000);
    l.gathered.most = (size_t)args_int(&q->args, "max_events", 1, 1000, 10);
    l.events.arg = &l;
    int32_t status = args_status(&q->args);
    if (status == HEXMCP_OK && !ask_write(q, document.ptr, document.len, &body))
        status = hexmcp_fail(q->r->err, HEXMCP_E_NOMEM, "out of memory for the request; try again");
    const struct fetch_request request = {.url = q->endpoint.ptr,
                                          .method = "POST",
                                          .headers_json = hexmcp_json_writer_text(&q->headers.sent),
                                          .body = bytes_str(&body),
                                          .timeout_ms = (uint32_t)ms,
                                          .take = on_piece,
                                          .arg = &l,
                                          .partial = true};
    if (status == HEXMCP_OK)
        status = listen(&l, &request, &got, a);
    events_free(&l.events);
    gathered_free(&l.gathered);
    bytes_free(&l.other);
    bytes_free(&body);
    return status;
}
