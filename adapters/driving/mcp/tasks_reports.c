/* Progress and log lines of tasks that a session of 2025-11-25 started: its progress token is good
 * until the task ends. Modern clients ask for the state instead. */
#include <stdlib.h>
#include <string.h>

#include "adapters/driving/mcp/tasks.h"

struct task_report {
    struct connection *connection;
    struct task_report *next;
    char *token; /* JSON text; NULL: no progress is wanted */
    struct progress progress;
    char id[40];
};

static void put_meta(struct json_writer *w, const struct task_report *report)
{
    json_key(w, STR("_meta"));
    json_begin_object(w);
    task_put_related(w, str_from(report->id));
    json_end_object(w);
}

static void on_progress(void *user, struct str id, double progress, double total,
                        struct str message)
{
    struct task_report *report = user;
    struct connection *c = report->connection;
    if (!report->token ||
        !progress_is_due(&report->progress, c->mcp->options.clock, progress, total))
        return;
    task_reports_name(report, id);
    struct json_writer w = notification_begin(c, STR("notifications/progress"));
    json_begin_object(&w);
    put_meta(&w, report);
    json_put_raw(&w, STR("progressToken"), str_from(report->token));
    json_key(&w, STR("progress"));
    json_write_double(&w, progress);
    if (total > 0) {
        json_key(&w, STR("total"));
        json_write_double(&w, total);
    }
    if (message.len)
        json_put_string(&w, STR("message"), message);
    json_end_object(&w);
    notification_send(c, NULL);
}

static void on_log(void *user, struct str id, enum log_level level, struct str logger,
                   struct str text)
{
    struct task_report *report = user;
    struct connection *c = report->connection;
    if ((int)level < c->log_level || !log_within_rate(c))
        return;
    task_reports_name(report, id);
    struct json_writer w = notification_begin(c, STR("notifications/message"));
    json_begin_object(&w);
    put_meta(&w, report);
    log_write_message(&w, level, logger, text);
    json_end_object(&w);
    notification_send(c, NULL);
}

bool task_reports_begin(struct request *r, struct task_options *options, void **handle)
{
    static const struct task_observer observer = {on_progress, on_log};
    struct connection *c = r->connection;
    struct str token = json_text(r->progress_token);
    struct task_report *report = calloc(1, sizeof(*report));
    if (!report)
        return false;
    report->token = token.len ? strndup(token.ptr, token.len) : NULL;
    if (token.len && !report->token) {
        free(report);
        return false;
    }
    report->progress = progress_begin();
    report->connection = c;
    report->next = c->task_reports;
    c->task_reports = report;
    options->observer = &observer;
    options->user = report;
    *handle = report;
    return true;
}

void task_reports_name(void *handle, struct str id)
{
    struct task_report *report = handle;
    if (id.len < sizeof(report->id)) {
        memcpy(report->id, id.ptr, id.len);
        report->id[id.len] = '\0';
    }
}

void task_reports_drop(void *handle)
{
    struct task_report *report = handle;
    struct connection *c = report->connection;
    const struct task_service *tasks = task_service_of(c);
    struct task_report **at = &c->task_reports;
    while (*at != report)
        at = &(*at)->next;
    *at = report->next;
    tasks->detach(tasks->ctx, str_from(report->id), report);
    free(report->token);
    free(report);
}

void task_reports_close(struct connection *c)
{
    while (c->task_reports)
        task_reports_drop(c->task_reports);
}

/* Nothing more is reported of a task that has ended. */
void task_reports_changed(struct connection *c, struct str id)
{
    const struct task_service *tasks = task_service_of(c);
    struct call_context context = task_context(c);
    struct task_report *report = c->task_reports;
    struct task_view view;
    struct error err;
    while (report && !str_eq(str_from(report->id), id))
        report = report->next;
    if (report && (tasks->get(tasks->ctx, &context, id, &view, &err) ||
                   view.status > TASK_INPUT_REQUIRED))
        task_reports_drop(report);
}
