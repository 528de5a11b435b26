/*
 * hexmcp.test.service-user: each tool calls functions of one service as its arguments say, and tells
 * what came of it.
 */
#include <stdlib.h>
#include <string.h>

#include "hexmcp/host/events.h"
#include "hexmcp/host/kv.h"
#include "hexmcp/host/metrics.h"
#include "hexmcp/host/process.h"
#include "hexmcp/host/secrets.h"
#include "hexmcp/host/worker.h"
#include "hexmcp/plugin.h"
#include "hexmcp/simple.h"

#define SHOWN_MAX 1000000

/* One call on its way. */
struct job {
    const hexmcp_host *host;
    const void *table;
    hexmcp_call call;
    uint64_t id;
    char *out, *err;
    size_t out_len, err_len, room;
    int64_t waits_for; /* events */
    int64_t lost;
    int pauses, worker, loop;
};

static struct job *job_new(const hexmcp_host *host, hexmcp_call call, const void *table)
{
    struct job *j = calloc(1, sizeof(*j));
    j->host = host;
    j->call = call;
    j->table = table;
    j->out = malloc(SHOWN_MAX);
    j->err = malloc(SHOWN_MAX);
    return j;
}

static void job_free(struct job *j)
{
    free(j->out);
    free(j->err);
    free(j);
}

static void add(char *to, size_t *len, const void *data, size_t more)
{
    if (*len + more <= SHOWN_MAX)
        memcpy(to + *len, data, more);
    *len += more;
}

static int64_t number(hexmcp_str args, const char *key)
{
    hexmcp_str value;
    int64_t got = 0;
    if (hexmcp_json_get(args, key, &value) == HEXMCP_OK)
        hexmcp_json_int64(value, &got);
    return got;
}

/* A text of the arguments, to free. */
static hexmcp_str text_of(hexmcp_str args, const char *key, char **owned)
{
    hexmcp_str value = {"\"\"", 2}, text = {NULL, 0};
    hexmcp_json_get(args, key, &value);
    *owned = NULL;
    hexmcp_json_string_dup(value, owned, &text.len);
    text.ptr = *owned;
    return text;
}

static void complete(struct job *j, int32_t status, hexmcp_str json, hexmcp_str more)
{
    hexmcp_json_writer w;
    hexmcp_json_writer_init(&w);
    hexmcp_json_begin_object(&w);
    hexmcp_json_put_raw(&w, "content", hexmcp_str_from("[]"));
    hexmcp_json_key(&w, "structuredContent");
    hexmcp_json_begin_object(&w);
    hexmcp_json_put_int64(&w, "status", status);
    if (json.len)
        hexmcp_json_put_raw(&w, "json", json);
    if (more.len)
        hexmcp_json_put_string(&w, "text", more);
    hexmcp_json_end_object(&w);
    hexmcp_json_end_object(&w);
    hexmcp_str text = hexmcp_json_writer_text(&w);
    j->host->complete(j->host->ctx, j->call, HEXMCP_RESULT, text);
    hexmcp_json_writer_free(&w);
    job_free(j);
}

static int32_t taken(struct job *j, int32_t rc, hexmcp_error *err)
{
    if (rc == HEXMCP_OK)
        return HEXMCP_PENDING;
    job_free(j);
    return hexmcp_fail(err, rc, "it was not taken");
}

/* ---- kv ---- */

static void kv_reply(void *arg, int32_t status, hexmcp_str json, hexmcp_str value)
{
    complete(arg, status, json, value);
}

static int32_t use_kv(struct job *j, hexmcp_str tool, hexmcp_str args)
{
    const hexmcp_kv_1 *kv = j->table;
    char *a, *b;
    hexmcp_str key = text_of(args, "key", &a), value = text_of(args, "value", &b);
    uint32_t flags = (uint32_t)number(args, "flags");
    uint64_t version = (uint64_t)number(args, "version");
    int32_t rc;
    if (hexmcp_str_equals(tool, "get"))
        rc = kv->get(kv->ctx, key, kv_reply, j);
    else if (hexmcp_str_equals(tool, "set"))
        rc = kv->set(kv->ctx, key, value, (uint64_t)number(args, "ttlMs"), flags, version, kv_reply,
                     j);
    else if (hexmcp_str_equals(tool, "remove"))
        rc = kv->remove(kv->ctx, key, flags, version, kv_reply, j);
    else
        rc = kv->list(kv->ctx, key, value, (uint32_t)number(args, "limit"), kv_reply, j);
    free(a);
    free(b);
    return rc;
}

/* ---- process ---- */

static void go_on(void *arg, int32_t status, hexmcp_str json)
{
    struct job *j = arg;
    const hexmcp_process_1 *process = j->table;
    (void)json;
    if (status == HEXMCP_OK)
        process->resume(process->ctx, j->id);
}

static int32_t on_output(void *arg, uint32_t stream, const void *data, size_t len)
{
    struct job *j = arg;
    const hexmcp_timer_1 *timer = j->host->get_interface(j->host->ctx, HEXMCP_TIMER_1);
    if (stream == HEXMCP_PROCESS_STDOUT)
        add(j->out, &j->out_len, data, len);
    else
        add(j->err, &j->err_len, data, len);
    if (!j->pauses)
        return HEXMCP_OK;
    return timer->after(timer->ctx, 0, go_on, j) == HEXMCP_OK ? HEXMCP_PENDING : HEXMCP_OK;
}

static void on_room(void *arg, size_t len)
{
    struct job *j = arg;
    j->room += len;
}

static void on_end(void *arg, int32_t status, hexmcp_str json)
{
    struct job *j = arg;
    hexmcp_json_writer w;
    hexmcp_json_writer_init(&w);
    hexmcp_json_begin_object(&w);
    hexmcp_json_put_raw(&w, "end", json);
    hexmcp_json_put_int64(&w, "out", (int64_t)j->out_len);
    hexmcp_json_put_int64(&w, "err", (int64_t)j->err_len);
    hexmcp_json_put_int64(&w, "room", (int64_t)j->room);
    hexmcp_json_end_object(&w);
    hexmcp_str shown = {j->out, j->out_len < 200 ? j->out_len : 200};
    complete(j, status, hexmcp_json_writer_text(&w), shown);
    hexmcp_json_writer_free(&w);
}

static int32_t use_process(struct job *j, hexmcp_call call, hexmcp_str args)
{
    static const hexmcp_process_sink sink = {sizeof(sink), 0, on_output, on_end, on_room};
    const hexmcp_process_1 *process = j->table;
    char *a, *b;
    hexmcp_str request = {"{}", 2}, input = text_of(args, "input", &a);
    hexmcp_str piece = text_of(args, "piece", &b);
    hexmcp_json_get(args, "request", &request);
    j->pauses = (int)number(args, "pauses");
    int32_t rc = process->run(process->ctx, call, request, input, &sink, j, &j->id);
    for (int64_t i = 0; !rc && i < number(args, "pieces"); i++)
        rc = process->write(process->ctx, j->id, piece);
    if (!rc && number(args, "pieces"))
        rc = process->finish(process->ctx, j->id);
    if (!rc && number(args, "signal"))
        rc = process->signal(process->ctx, j->id, (uint32_t)number(args, "signal"));
    if (!rc && number(args, "cancel"))
        process->cancel(process->ctx, j->id);
    free(a);
    free(b);
    return rc;
}

/* ---- secrets ---- */

static void revealed(void *arg, int32_t status, hexmcp_str value)
{
    hexmcp_str none = {"", 0};
    if (status == HEXMCP_OK)
        complete(arg, status, none, value);
    else
        complete(arg, status, value, none);
}

static int32_t use_secrets(struct job *j, hexmcp_str args)
{
    const hexmcp_secrets_1 *secrets = j->table;
    char handle[HEXMCP_SECRET_HANDLE_SIZE] = "", *a;
    hexmcp_str name = text_of(args, "name", &a);
    int32_t rc = number(args, "reveal") ? secrets->reveal(secrets->ctx, name, revealed, j)
                                        : secrets->handle(secrets->ctx, name, handle);
    free(a);
    if (rc == HEXMCP_OK && handle[0]) {
        hexmcp_str none = {"", 0};
        complete(j, rc, none, hexmcp_str_from(handle));
    }
    return rc;
}

/* ---- events ---- */

static void on_event(void *arg, hexmcp_str topic, hexmcp_str json)
{
    struct job *j = arg;
    const hexmcp_events_1 *events = j->table;
    add(j->out, &j->out_len, topic.ptr, topic.len);
    add(j->out, &j->out_len, json.ptr, json.len);
    if (--j->waits_for == 0)
        events->unsubscribe(events->ctx, j->id);
}

static void on_lost(void *arg, uint64_t count)
{
    struct job *j = arg;
    j->waits_for -= (int64_t)count;
    add(j->out, &j->out_len, "lost", 4);
}

static void on_over(void *arg, int32_t status, hexmcp_str json)
{
    struct job *j = arg;
    hexmcp_str heard = {j->out, j->out_len};
    complete(j, status, json, heard);
}

static int32_t use_events(struct job *j, hexmcp_str args)
{
    static const hexmcp_events_sink sink = {sizeof(sink), 0, on_event, on_lost, on_over};
    const hexmcp_events_1 *events = j->table;
    char *a, *b;
    hexmcp_str pattern = text_of(args, "pattern", &a), topic = text_of(args, "topic", &b);
    hexmcp_str json = {"null", 4};
    hexmcp_json_get(args, "json", &json);
    j->waits_for = number(args, "times");
    int32_t rc = HEXMCP_OK;
    if (pattern.len)
        rc = events->subscribe(events->ctx, pattern, (uint32_t)number(args, "queue"), 0, &sink, j,
                               &j->id);
    for (int64_t i = 0; !rc && i < number(args, "times"); i++)
        rc = events->publish(events->ctx, topic, json);
    free(a);
    free(b);
    return rc;
}

/* ---- metrics ---- */

static int32_t use_metrics(struct job *j, hexmcp_str args)
{
    const hexmcp_metrics_1 *metrics = j->table;
    char *a;
    hexmcp_str name = text_of(args, "name", &a), labels = {"", 0}, none = {"", 0};
    int32_t rc = HEXMCP_OK;
    hexmcp_json_get(args, "labels", &labels);
    for (int64_t i = 0; !rc && i < number(args, "count"); i++)
        rc = metrics->count(metrics->ctx, name, labels, 1);
    if (!rc && number(args, "gauge"))
        rc = metrics->gauge(metrics->ctx, name, labels, (double)number(args, "gauge"));
    if (!rc && number(args, "observe"))
        rc = metrics->observe(metrics->ctx, name, labels, (double)number(args, "observe"));
    free(a);
    if (!rc)
        complete(j, rc, none, none);
    return rc;
}

/* ---- worker ---- */

static void where(struct job *j, int *worker, int *loop)
{
    const hexmcp_thread_check_1 *check =
        j->host->get_interface(j->host->ctx, HEXMCP_THREAD_CHECK_1);
    *worker = check->is_worker(check->ctx);
    *loop = check->is_loop(check->ctx);
}

static void on_worker(void *arg)
{
    struct job *j = arg;
    where(j, &j->worker, &j->loop);
}

static void on_done(void *arg, int32_t status)
{
    struct job *j = arg;
    hexmcp_str none = {"", 0};
    int worker, loop;
    where(j, &worker, &loop);
    hexmcp_str text = {"right", 5}, wrong = {"wrong", 5};
    complete(j, status, none, j->worker && !j->loop && !worker && loop ? text : wrong);
}

/* ---- the tools ---- */

static int32_t run(const hexmcp_host *host, hexmcp_call call, hexmcp_str tool, hexmcp_str args,
                   hexmcp_error *err)
{
    const char *id = hexmcp_str_equals(tool, "run")       ? HEXMCP_PROCESS_1
                     : hexmcp_str_equals(tool, "secret")  ? HEXMCP_SECRETS_1
                     : hexmcp_str_equals(tool, "tell")    ? HEXMCP_EVENTS_1
                     : hexmcp_str_equals(tool, "figures") ? HEXMCP_METRICS_1
                     : hexmcp_str_equals(tool, "work")    ? HEXMCP_WORKER_1
                                                          : HEXMCP_KV_1;
    const void *table = host->get_interface(host->ctx, id);
    if (!table)
        return hexmcp_fail(err, HEXMCP_E_DENIED, "there is no such service for me");
    struct job *j = job_new(host, call, table);
    const hexmcp_worker_1 *worker = table;
    if (strcmp(id, HEXMCP_PROCESS_1) == 0)
        return taken(j, use_process(j, call, args), err);
    if (strcmp(id, HEXMCP_SECRETS_1) == 0)
        return taken(j, use_secrets(j, args), err);
    if (strcmp(id, HEXMCP_EVENTS_1) == 0)
        return taken(j, use_events(j, args), err);
    if (strcmp(id, HEXMCP_METRICS_1) == 0)
        return taken(j, use_metrics(j, args), err);
    if (strcmp(id, HEXMCP_WORKER_1) == 0)
        return taken(j, worker->submit(worker->ctx, on_worker, on_done, j), err);
    return taken(j, use_kv(j, tool, args), err);
}

HEXMCP_SIMPLE_DEFINE("hexmcp.test.service-user", "1.0.0", run);
