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

/* True if the client can be asked; else the task has failed. */
static bool may_ask(struct task *task, struct json requests)
{
    struct task_record record;
    struct error err;
    if (json_count(requests) == 0) {
        error_set(&err, ST_PROTOCOL, "the tool waits for input and does not say for which, which "
                                     "a task cannot do");
    } else {
        if (!task_load(task, &record, &err) &&
            (!task->admit || !task->admit(record.client, requests, &err)))
            return true;
        error_prefix(&err, "the tool asks for input that cannot be had: ");
    }
    task_fail(task, &err);
    return false;
}

static int keep_question(struct task *task, struct json result, struct str requests,
                         struct error *err)
{
    struct task_record record;
    int rc = task_load(task, &record, err);
    if (rc)
        return rc;
    record.status = TASK_INPUT_REQUIRED;
    record.message = STR("the tool waits for input");
    record.requests = requests;
    record.answers = STR("{}");
    record.state = json_text(json_get(result, STR("state")));
    return task_save(task, &record, err);
}

static void ask(struct task *task, struct json result)
{
    struct json requests = json_get(result, STR("requests"));
    struct buffer shown = BUFFER_INIT;
    struct task_record record;
    struct error err;
    if (is_too_large(task, "question", json_text(result).len) || !may_ask(task, requests))
        return;
    int rc = task_load(task, &record, &err);
    if (!rc)
        task_requests_write(requests, record.round, &shown);
    if (buffer_failed(&shown))
        rc = error_set(&err, ST_NOMEM, "out of memory");
    if (!rc)
        rc = keep_question(task, result, buffer_str(&shown), &err);
    if (rc)
        task_fail(task, &err);
    else
        task_tell(task);
    buffer_clear(&shown);
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
