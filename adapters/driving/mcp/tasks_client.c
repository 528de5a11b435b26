#include "adapters/driving/mcp/input/input_answer.h"
#include "core/input/input_check.h"
#include "adapters/driving/mcp/input/input_need.h"
#include "adapters/driving/mcp/tasks.h"

/* {"revision":n,"capabilities":{...}}: of the request that started the task, because later ones may
 * declare something else. */
void task_client_write(const struct request *r, struct buffer *out)
{
    struct json_writer w = json_writer(out);
    struct str capabilities = era_capabilities(r);
    json_begin_object(&w);
    json_put_i64(&w, STR("revision"), r->revision);
    json_put_raw(&w, STR("capabilities"), capabilities.len ? capabilities : STR("{}"));
    json_end_object(&w);
}

int task_client_read(struct str client, struct client_abilities *abilities,
                     enum revision *revision, struct error *err)
{
    struct json_doc *doc;
    int64_t number;
    int rc = json_parse(client, &doc, err);
    if (rc)
        return rc;
    *revision = REV_LATEST_LEGACY;
    if (json_int64(json_get(json_root(doc), STR("revision")), &number) && number >= 0 &&
        number < REV_COUNT)
        *revision = (enum revision)number;
    *abilities =
        client_abilities_read(json_get(json_root(doc), STR("capabilities")), *revision);
    json_free(doc);
    return ST_OK;
}

/* An answer to nothing is ignored. */
static int check_answer(struct json request, struct str key, struct json answer, struct error *err)
{
    if (!json_exists(request))
        return ST_OK;
    int rc = input_answer_check(request, REV_2026_07_28, answer, err);
    if (rc)
        error_prefix(err, "answer \"%.*s\": ", STR_ARG(key));
    return rc;
}

int task_check_answers(const struct task_view *view, struct json responses, struct error *err)
{
    struct json_doc *doc = NULL;
    struct json_iter it = json_iter(responses);
    int rc = ST_OK;
    if (json_type(responses) != JSON_OBJECT)
        return error_set(err, ST_INVALID, "tasks/update needs \"inputResponses\", an object");
    if (view->requests.len && json_parse(view->requests, &doc, err))
        return err->code;
    while (!rc && doc && json_next(&it)) {
        struct buffer scratch = BUFFER_INIT;
        struct str key;
        if (json_string(it.key, &scratch, &key))
            rc = check_answer(json_get(json_root(doc), key), key, it.value, err);
        else
            rc = error_set(err, ST_NOMEM, "out of memory");
        buffer_clear(&scratch);
    }
    json_free(doc);
    return rc;
}

static void write_admitted(struct json requests, const struct input_target *target,
                           struct buffer *out)
{
    struct json_writer w = json_writer(out);
    struct json_iter it = json_iter(requests);
    struct str unused;
    struct error ignored;
    json_begin_object(&w);
    while (json_next(&it))
        if (input_need(it.value, target, &unused, &ignored) == ST_OK)
            json_put_member(&w, it.key, it.value);
    json_end_object(&w);
}

int task_admit(struct str client, struct json requests, struct buffer *admitted,
               struct error *err)
{
    enum revision revision = REV_LATEST_LEGACY;
    struct client_abilities abilities;
    struct str capabilities;
    int rc = task_client_read(client, &abilities, &revision, err);
    if (!rc)
        rc = input_check(requests, err);
    struct input_target target = {revision, &abilities};
    if (!rc)
        rc = input_need_all(requests, &target, NULL, &capabilities, err);
    if (!rc)
        write_admitted(requests, &target, admitted);
    return rc;
}
