/*
 * plugin.c - the tool "service-checker" behind the plugin ABI.
 *
 * SPDX-License-Identifier: MIT
 */
#include "check.h"
#include "kit/answer.h"
#include "kit/pace.h"

#include "hexmcp/plugin.h"

#include <pthread.h>

struct work {
    const hexmcp_round *r;
    struct check check;
    pthread_t thread;
    bool runs;
};

static void *run(void *arg)
{
    struct work *work = arg;
    check_run(work->r, &work->check);
    return NULL;
}

/* All at once; the first on the worker's own thread. */
static void run_all(struct work *works, size_t count)
{
    for (size_t i = 1; i < count; i++)
        works[i].runs = pthread_create(&works[i].thread, NULL, run, &works[i]) == 0;
    run(&works[0]);
    for (size_t i = 1; i < count; i++) {
        if (works[i].runs)
            pthread_join(works[i].thread, NULL);
        else
            run(&works[i]);
    }
}

static void put_certificate(hexmcp_json_writer *w, const struct check *c)
{
    const struct certificate *x = &c->tls.certificate;
    bool verified = c->tls.verified || c->trusted;
    hexmcp_json_key(w, "certificate");
    hexmcp_json_begin_object(w);
    hexmcp_json_put_text(w, "not_before", x->not_before);
    hexmcp_json_put_text(w, "not_after", x->not_after);
    hexmcp_json_put_int64(w, "days_left", x->days_left);
    hexmcp_json_put_bool(w, "verified", verified);
    if (!verified)
        hexmcp_json_put_text(w, "problem", c->tls.problem);
    hexmcp_json_put_text(w, "subject", x->subject);
    hexmcp_json_put_text(w, "issuer", x->issuer);
    hexmcp_json_key(w, "names");
    hexmcp_json_begin_array(w);
    for (size_t i = 0; i < x->name_count; i++)
        hexmcp_json_write_text(w, x->names[i]);
    hexmcp_json_end_array(w);
    hexmcp_json_put_text(w, "protocol", c->tls.protocol);
    hexmcp_json_put_text(w, "cipher", c->tls.cipher);
    hexmcp_json_end_object(w);
}

static void put_metadata(hexmcp_json_writer *w, const struct check *c)
{
    hexmcp_json_key(w, "metadata");
    hexmcp_json_begin_object(w);
    hexmcp_json_put_int64(w, "attempts", c->attempts);
    if (c->address[0])
        hexmcp_json_put_text(w, "address", c->address);
    if (c->http_status)
        hexmcp_json_put_int64(w, "http_status", c->http_status);
    if (c->has_tls)
        put_certificate(w, c);
    hexmcp_json_end_object(w);
}

static void put_check(hexmcp_json_writer *w, const struct check *c)
{
    hexmcp_json_begin_object(w);
    hexmcp_json_put_text(w, "target", c->target->text);
    hexmcp_json_put_bool(w, "available", c->available);
    hexmcp_json_put_text(w, "status",
                         c->available ? "up" : c->status == HEXMCP_E_DENIED ? "denied" : "down");
    hexmcp_json_put_int64(w, "response_time_ms", (int64_t)(c->ms + 0.5));
    if (!c->available)
        hexmcp_json_put_text(w, "error", c->error.text);
    put_metadata(w, c);
    hexmcp_json_end_object(w);
}

static int32_t answer(const hexmcp_round *r, const struct request *q, const struct work *works)
{
    struct answer a;
    size_t up = 0;
    hexmcp_json_writer *w = answer_begin(&a, r);
    for (size_t i = 0; i < q->count; i++)
        up += works[i].check.available;
    hexmcp_json_put_text(w, "operation", "check");
    hexmcp_json_put_text(w, "check_type", check_types[q->type]);
    hexmcp_json_put_bool(w, "available", up == q->count);
    hexmcp_json_put_int64(w, "available_count", (int64_t)up);
    hexmcp_json_key(w, "results");
    hexmcp_json_begin_array(w);
    for (size_t i = 0; i < q->count; i++)
        put_check(w, &works[i].check);
    hexmcp_json_end_array(w);
    if (q->count > 1)
        answer_text(&a, "%zu of %zu are available.", up, q->count);
    else if (up)
        answer_text(&a, "%.200s is available, after %.0f ms.", works->check.target->text, works->check.ms);
    else
        answer_text(&a, "%.100s is not available: %.300s", works->check.target->text, works->check.error.text);
    return answer_end(&a);
}

/* What no answer is for: the call was given up, or the one target is not granted. */
static int32_t failure_of(const hexmcp_round *r, const struct request *q, const struct work *works)
{
    int32_t status = works->check.status;
    for (size_t i = 0; i < q->count; i++)
        if (works[i].check.status == HEXMCP_E_CANCELLED)
            status = HEXMCP_E_CANCELLED;
    if (status == HEXMCP_E_CANCELLED)
        return hexmcp_fail(r->err, status, "stopped: the call was cancelled or its time was over");
    bool alone = q->count == 1 && (status == HEXMCP_E_DENIED || status == HEXMCP_E_INVALID);
    return alone ? hexmcp_fail(r->err, status, "%s", works->check.error.text) : HEXMCP_OK;
}

static int32_t check(const hexmcp_round *r)
{
    struct args args = args_begin(r->args, r->err);
    struct request request;
    int32_t status = request_read(&args, &request);
    struct work *works = status == HEXMCP_OK ? calloc(request.count, sizeof(*works)) : NULL;
    if (status == HEXMCP_OK && !works)
        status = hexmcp_fail(r->err, HEXMCP_E_NOMEM, "out of memory for the checks; try again");
    for (size_t i = 0; status == HEXMCP_OK && i < request.count; i++)
        works[i] = (struct work){.r = r, .check = {.request = &request, .target = &request.targets[i]}};
    if (status == HEXMCP_OK) {
        run_all(works, request.count);
        status = failure_of(r, &request, works);
    }
    if (status == HEXMCP_OK)
        status = answer(r, &request, works);
    free(works);
    args_end(&args);
    return status;
}

static const hexmcp_simple_item tools[] = {HEXMCP_ITEM("service-checker", check), HEXMCP_ITEM_END};

static const hexmcp_simple plugin = {.tools = tools};

HEXMCP_SIMPLE_PLUGIN("hexmcp.service-checker", "0.1.0", plugin);
