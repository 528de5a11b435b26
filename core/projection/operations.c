#include "core/projection/operations.h"

#include <stdlib.h>

#include "core/journal/access.h"
#include "core/json/writer.h"

/* ---- projection.list ------------------------------------------------------------------------ */

struct listing {
    struct operation_call *call;
    struct buffer text;
    struct json_writer writer;
};

static void put_number(struct json_writer *w, struct str key, uint64_t number)
{
    json_key(w, key);
    json_write_u64(w, number);
}

static void list_facts(void *arg, const struct projection_facts *facts)
{
    struct listing *list = arg;
    struct json_writer *w = &list->writer;
    json_begin_object(w);
    json_put_string(w, STR("name"), facts->name);
    put_number(w, STR("version"), facts->version);
    put_number(w, STR("served"), facts->served);
    json_put_string(w, STR("state"), str_from(projection_state_name(facts->state)));
    put_number(w, STR("position"), facts->position);
    put_number(w, STR("head"), facts->head);
    put_number(w, STR("lag"), facts->lag);
    if (facts->state == PROJECTION_REBUILDING)
        put_number(w, STR("rebuilt"), facts->rebuilt);
    if (facts->error.len)
        json_put_string(w, STR("error"), facts->error);
    json_end_object(w);
}

static void list_done(void *arg, const struct error *err)
{
    struct listing *list = arg;
    struct error oom;
    json_end_array(&list->writer);
    json_end_object(&list->writer);
    if (!err && buffer_failed(&list->text)) {
        error_set(&oom, ST_NOMEM, "out of memory");
        err = &oom;
    }
    if (err)
        operation_fail(list->call, err);
    else
        operation_answer(list->call, buffer_str(&list->text));
    buffer_clear(&list->text);
    free(list);
}

static bool may(struct operation_call *call, const char *what)
{
    struct error err;
    if (access_is_operator(operation_context(call)->caller))
        return true;
    error_set(&err, ST_DENIED, "only the user who runs hexmcp may %s projections", what);
    operation_fail(call, &err);
    return false;
}

static void run_list(void *domain, struct operation_call *call)
{
    struct error err;
    if (!may(call, "list"))
        return;
    struct listing *list = calloc(1, sizeof(*list));
    if (!list) {
        error_set(&err, ST_NOMEM, "out of memory");
        operation_fail(call, &err);
        return;
    }
    list->call = call;
    list->writer = json_writer(&list->text);
    json_begin_object(&list->writer);
    json_key(&list->writer, STR("projections"));
    json_begin_array(&list->writer);
    projections_list(domain, list_facts, list_done, list);
}

/* ---- changes -------------------------------------------------------------------------------- */

static void changed(void *arg, const struct error *err)
{
    struct operation_call *call = arg;
    if (err)
        operation_fail(call, err);
    else
        operation_answer(call, json_text(operation_arguments(call)));
}

typedef void (*projection_change)(struct projections *engine, struct str name, projection_done done,
                                  void *arg);

static void run_change(void *domain, struct operation_call *call, projection_change change)
{
    struct str name = {NULL, 0};
    if (!may(call, "change"))
        return;
    json_plain(json_get(operation_arguments(call), STR("name")), &name);
    change(domain, name, changed, call);
}

static void run_rebuild(void *domain, struct operation_call *call)
{
    run_change(domain, call, projections_rebuild);
}

static void run_pause(void *domain, struct operation_call *call)
{
    run_change(domain, call, projections_pause);
}

static void run_resume(void *domain, struct operation_call *call)
{
    run_change(domain, call, projections_resume);
}

static void run_reset(void *domain, struct operation_call *call)
{
    run_change(domain, call, projections_reset);
}

#define NAME "{\"type\":\"object\",\"properties\":{\"name\":{\"type\":\"string\"}}," \
             "\"required\":[\"name\"],\"additionalProperties\":false}"

static const struct operation table[] = {
    {"projection.list", "List projections",
     "Read models: how far each is behind the events, which version serves, and why one has stopped.",
     "{\"type\":\"object\",\"additionalProperties\":false}", OPERATION_READS, run_list},
    {"projection.rebuild", "Rebuild a projection",
     "Builds it again from the first event; meanwhile the old rows are served.", NAME,
     OPERATION_CHANGES, run_rebuild},
    {"projection.pause", "Pause a projection",
     "Nobody projects it until it is resumed; rows are served as they are.", NAME, OPERATION_CHANGES,
     run_pause},
    {"projection.resume", "Resume a projection",
     "Goes on, also after a failure: with the event that failed.", NAME, OPERATION_CHANGES,
     run_resume},
    {"projection.reset", "Reset a projection",
     "Throws its rows away and builds it from the first event; meanwhile queries wait.", NAME,
     OPERATION_CHANGES, run_reset},
};

int projection_operations_add(struct projections *engine, struct operations *operations,
                              struct error *err)
{
    return operations_add(operations, table, sizeof(table) / sizeof(table[0]), engine, err);
}
