#include "core/json/writer.h"
#include "core/task/entry.h"

/* The answers so far and the requests that are left, while answers are taken. */
struct sorting {
    struct json given; /* the client's answers */
    uint32_t round;
    struct buffer answers, requests;
    struct json_writer answered, left;
    uint32_t taken, open;
};

static int check_answers(struct json answers, struct error *err)
{
    struct json_iter it = json_iter(answers);
    if (json_type(answers) != JSON_OBJECT)
        return error_set(err, ST_INVALID, "the answers to a task must be an object of objects");
    while (json_next(&it))
        if (json_type(it.value) != JSON_OBJECT)
            return error_set(err, ST_INVALID, "the answer %.*s is not an object",
                             STR_ARG(json_text(it.key)));
    return ST_OK;
}

static void sort_request(struct sorting *s, struct json key, struct json request)
{
    struct buffer scratch = BUFFER_INIT;
    struct str name;
    if (!json_string(key, &scratch, &name)) {
        s->requests.failed = true;
        buffer_clear(&scratch);
        return;
    }
    struct json answer = json_get(s->given, name);
    if (json_exists(answer)) {
        json_key(&s->answered, task_key_of_plugin(name, s->round));
        json_write_raw(&s->answered, json_text(answer));
        s->taken++;
    } else {
        json_put_member(&s->left, key, request);
        s->open++;
    }
    buffer_clear(&scratch);
}

/* Fills the two buffers. */
static int sort(struct sorting *s, const struct task_record *record, struct error *err)
{
    struct json_doc *requests = NULL, *answers = NULL;
    int rc = json_parse(record->requests, &requests, err);
    if (!rc)
        rc = json_parse(record->answers, &answers, err);
    s->answered = json_writer(&s->answers);
    s->left = json_writer(&s->requests);
    json_begin_object(&s->answered);
    json_begin_object(&s->left);
    struct json_iter before = json_iter(answers ? json_root(answers) : json_none());
    while (json_next(&before))
        json_put_member(&s->answered, before.key, before.value);
    struct json_iter request = json_iter(rc ? json_none() : json_root(requests));
    while (json_next(&request))
        sort_request(s, request.key, request.value);
    json_end_object(&s->answered);
    json_end_object(&s->left);
    json_free(requests);
    json_free(answers);
    if (!rc && (buffer_failed(&s->answers) || buffer_failed(&s->requests)))
        rc = error_set(err, ST_NOMEM, "out of memory");
    return rc;
}

static int keep_answers(struct task *task, struct task_record *record, struct sorting *s,
                        struct error *err)
{
    record->requests = buffer_str(&s->requests);
    record->answers = buffer_str(&s->answers);
    int rc = task_save(task, record, err);
    if (!rc)
        task_tell(task);
    return rc;
}

/* The answers are taken even if the tool cannot be called: then the task has failed. */
static void call_again(struct task *task, const struct task_record *resume)
{
    struct error err;
    /* A listener may have cancelled it. */
    if (task->work && task_run(task, resume, &err))
        task_fail(task, &err);
}

int task_resume(struct task *task, struct task_record *record, struct str answers,
                struct error *err)
{
    struct buffer state = BUFFER_INIT;
    bool seen = record->status != TASK_WORKING;
    buffer_add_str(&state, record->state);
    record->status = TASK_WORKING;
    record->message = record->requests = record->answers = record->state = STR("");
    record->round++;
    int rc = buffer_failed(&state) ? error_set(err, ST_NOMEM, "out of memory")
                                   : task_save(task, record, err);
    if (!rc && seen)
        task_tell(task);
    if (!rc)
        call_again(task, &(struct task_record){.state = buffer_str(&state), .answers = answers});
    buffer_clear(&state);
    return rc;
}

int task_service_answer(void *ctx, const struct call_context *context, struct str id,
                        struct json answers, struct error *err)
{
    struct task *task;
    struct task_record record;
    struct sorting s = {.given = answers, .answers = BUFFER_INIT, .requests = BUFFER_INIT};
    int rc = task_find(ctx, context, id, &task, &record, err);
    if (!rc)
        rc = check_answers(answers, err);
    if (!rc && record.elsewhere)
        return error_set(err, ST_UNAVAILABLE,
                         "the task \"%.*s\" runs in another process; answer it there", STR_ARG(id));
    if (rc || !task->work || record.status != TASK_INPUT_REQUIRED)
        return rc;
    s.round = record.round;
    rc = sort(&s, &record, err);
    if (!rc && s.taken)
        rc = s.open ? keep_answers(task, &record, &s, err)
                    : task_resume(task, &record, buffer_str(&s.answers), err);
    buffer_clear(&s.answers);
    buffer_clear(&s.requests);
    return rc;
}
