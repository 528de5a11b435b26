#include "core/task/entry.h"

/* The task has ended for the service; what is left is to store that. */
static void let_go(struct task *task)
{
    task_stop_run(task);
    task_work_unuse(task->work);
    task->work = NULL;
}

static struct task_record *set_failed(struct task_record *record, const struct error *why)
{
    record->status = TASK_FAILED;
    record->error_code = why->code;
    record->error = record->message = str_from(why->text);
    record->requests = record->answers = record->state = record->result = STR("");
    return record;
}

static void end(struct task *task, struct task_record *record)
{
    struct error err;
    record->requests = record->answers = record->state = STR("");
    if (task_save(task, record, &err)) {
        error_prefix(&err, "the outcome of the task could not be stored: ");
        task->lost = task_load(task, record, NULL) ||
                     task_save(task, set_failed(record, &err), NULL);
    }
    let_go(task);
    task_tell(task);
}

void task_fail(struct task *task, const struct error *why)
{
    struct task_record record;
    if (task_load(task, &record, NULL)) {
        task->lost = true;
        let_go(task);
        task_tell(task);
        return;
    }
    end(task, set_failed(&record, why));
}

static void end_as(struct task *task, enum task_status status, struct str message)
{
    struct task_record record;
    struct error err;
    if (task_load(task, &record, &err)) {
        task_fail(task, &err);
        return;
    }
    record.status = status;
    record.message = message;
    end(task, &record);
}

void task_cancel(struct task *task, struct str message)
{
    end_as(task, TASK_CANCELLED, message);
}

static bool is_too_large(struct task *task, const char *what, size_t len)
{
    size_t limit = task->tasks->parts.limits.result_bytes;
    struct error err;
    if (len <= limit)
        return false;
    error_set(&err, ST_TOO_LARGE, "the %s of the tool has %zu bytes; a task keeps at most %zu",
              what, len, limit);
    task_fail(task, &err);
    return true;
}

static void complete(struct task *task, const struct call_outcome *outcome)
{
    struct task_record record;
    struct error err;
    struct str result = json_text(outcome->result);
    if (is_too_large(task, "result", result.len))
        return;
    if (task_load(task, &record, &err)) {
        task_fail(task, &err);
        return;
    }
    record.status = TASK_COMPLETED;
    record.tool_error = outcome->end == CALL_TOOL_ERROR;
    record.result = result;
    record.message = outcome->error      ? str_from(outcome->error->text)
                     : record.tool_error ? STR("the tool reported an error")
                                         : STR("");
    end(task, &record);
}

static int admit(struct task *task, const struct task_record *record, struct json requests,
                 struct buffer *admitted, struct error *err)
{
    if (!task->admit) {
        buffer_add_str(admitted, json_text(requests));
        return ST_OK;
    }
    return task->admit(record->client, requests, admitted, err);
}

/* Writes what the client is to be asked. */
static int may_ask(struct task *task, const struct task_record *record, struct json requests,
                   struct buffer *admitted, struct error *err)
{
    if (json_count(requests) == 0)
        return error_set(err, ST_PROTOCOL, "the tool waits for input and does not say for which, "
                                           "which a task cannot do");
    if (record->round > TASK_ROUNDS_MAX)
        return error_set(err, ST_PROTOCOL, "the tool asked for input %u times and was stopped",
                         TASK_ROUNDS_MAX);
    int rc = admit(task, record, requests, admitted, err);
    if (!rc && buffer_failed(admitted))
        rc = error_set(err, ST_NOMEM, "out of memory");
    if (rc)
        error_prefix(err, "the tool asks for input that cannot be had: ");
    return rc;
}

static int keep_question(struct task *task, struct task_record *record, struct json requests,
                         struct error *err)
{
    struct buffer shown = BUFFER_INIT;
    task_requests_write(requests, record->round, &shown);
    record->status = TASK_INPUT_REQUIRED;
    record->message = STR("the tool waits for input");
    record->requests = buffer_str(&shown);
    record->answers = STR("{}");
    int rc = buffer_failed(&shown) ? error_set(err, ST_NOMEM, "out of memory")
                                   : task_save(task, record, err);
    buffer_clear(&shown);
    if (!rc)
        task_tell(task);
    return rc;
}

/* Asks the client, or calls the tool again if there is nothing that the client can be asked. */
static int ask_admitted(struct task *task, struct task_record *record, struct str admitted,
                        struct error *err)
{
    struct json_doc *requests;
    int rc = json_parse(admitted, &requests, err);
    if (rc)
        return rc;
    rc = json_count(json_root(requests)) ? keep_question(task, record, json_root(requests), err)
                                         : task_resume(task, record, STR("{}"), err);
    json_free(requests);
    return rc;
}

static void ask(struct task *task, struct json result)
{
    struct buffer admitted = BUFFER_INIT;
    struct task_record record;
    struct error err;
    if (is_too_large(task, "question", json_text(result).len))
        return;
    int rc = task_load(task, &record, &err);
    if (!rc)
        rc = may_ask(task, &record, json_get(result, STR("requests")), &admitted, &err);
    record.state = json_text(json_get(result, STR("state")));
    if (!rc)
        rc = ask_admitted(task, &record, buffer_str(&admitted), &err);
    if (rc)
        task_fail(task, &err);
    buffer_clear(&admitted);
}

void task_take_outcome(struct task *task, const struct call_outcome *outcome)
{
    switch (outcome->end) {
    case CALL_RESULT:
    case CALL_TOOL_ERROR:
        complete(task, outcome);
        break;
    case CALL_INPUT_REQUIRED:
        ask(task, outcome->result);
        break;
    case CALL_CANCELLED:
        task_cancel(task, STR("the server cancelled the call"));
        break;
    default:
        task_fail(task, outcome->error);
    }
}
