#include "adapters/driving/mcp/tasks.h"
#include "adapters/driving/mcp/input/input_write.h"
#include "core/base/time_text.h"

/* In the dialect of 2025-11-25 an error of the tool is a failed task. */
struct str task_status_word(const struct request *r, const struct task_view *view)
{
    static const struct str names[] = {
        [TASK_WORKING] = STR_INIT("working"),     [TASK_INPUT_REQUIRED] = STR_INIT("input_required"),
        [TASK_COMPLETED] = STR_INIT("completed"), [TASK_FAILED] = STR_INIT("failed"),
        [TASK_CANCELLED] = STR_INIT("cancelled"),
    };
    if (view->tool_error && revision_has_core_tasks(r->revision))
        return names[TASK_FAILED];
    return names[view->status];
}

static void put_time(struct json_writer *w, struct str key, int64_t ms)
{
    char text[TIME_TEXT_SIZE];
    time_text(ms, text);
    json_put_string(w, key, str_from(text));
}

static void put_ttl(struct json_writer *w, struct str key, uint64_t ttl_ms)
{
    json_key(w, key);
    if (ttl_ms)
        json_write_u64(w, ttl_ms);
    else
        json_write_null(w);
}

void task_write(struct json_writer *w, const struct request *r, const struct task_view *view)
{
    bool core = revision_has_core_tasks(r->revision);
    struct str message = view->status == TASK_FAILED ? view->error : view->message;
    json_put_string(w, STR("taskId"), view->id);
    json_put_string(w, STR("status"), task_status_word(r, view));
    if (message.len)
        json_put_string(w, STR("statusMessage"), message);
    put_time(w, STR("createdAt"), view->created_ms);
    put_time(w, STR("lastUpdatedAt"), view->updated_ms);
    put_ttl(w, core ? STR("ttl") : STR("ttlMs"), view->ttl_ms);
    if (view->poll_ms)
        json_put_i64(w, core ? STR("pollInterval") : STR("pollIntervalMs"), view->poll_ms);
}

static void write_result(struct json_writer *w, const struct request *r,
                         const struct task_view *view)
{
    struct json_doc *doc;
    if (json_parse(view->result, &doc, NULL)) {
        w->out->failed = true;
        return;
    }
    json_key(w, STR("result"));
    json_begin_object(w);
    json_put_string(w, STR("resultType"), STR("complete"));
    tool_result_write(r, w, json_root(doc), view->tool_error);
    struct json meta = json_get(json_root(doc), STR("_meta"));
    if (json_exists(meta))
        json_put_raw(w, STR("_meta"), json_text(meta));
    json_end_object(w);
    json_free(doc);
}

static void write_error(struct json_writer *w, const struct task_view *view)
{
    json_key(w, STR("error"));
    json_begin_object(w);
    json_put_i64(w, STR("code"), RPC_INTERNAL_ERROR);
    json_put_string(w, STR("message"), view->error);
    json_end_object(w);
}

static void write_requests(struct json_writer *w, const struct task_view *view)
{
    enum revision revision;
    struct client_abilities abilities;
    struct input_target target = {REV_2026_07_28, &abilities};
    struct json_doc *doc;
    if (task_client_read(view->client, &abilities, &revision, NULL) ||
        json_parse(view->requests, &doc, NULL)) {
        w->out->failed = true;
        return;
    }
    json_key(w, STR("inputRequests"));
    input_write_all(w, json_root(doc), &target);
    json_free(doc);
}

void task_write_outcome(struct json_writer *w, const struct request *r,
                        const struct task_view *view)
{
    if (view->status == TASK_COMPLETED)
        write_result(w, r, view);
    else if (view->status == TASK_FAILED)
        write_error(w, view);
    else if (view->status == TASK_INPUT_REQUIRED)
        write_requests(w, view);
}

void task_put_related(struct json_writer *w, struct str id)
{
    json_key(w, STR("io.modelcontextprotocol/related-task"));
    json_begin_object(w);
    json_put_string(w, STR("taskId"), id);
    json_end_object(w);
}
