/* state.migrate and what belongs to it. */
#include <stdlib.h>

#include "core/base/hex.h"
#include "core/state/access.h"
#include "core/state/migrate.h"

#define RUN_NAME_BYTES 8
#define RUN_SCHEMA "\"run\":{\"type\":\"string\",\"minLength\":1,\"maxLength\":64}"

const char state_migrate_schema[] =
    "{\"type\":\"object\",\"additionalProperties\":false,\"properties\":{" PLACE_SCHEMA
    ",\"migrations\":{\"type\":\"object\",\"description\":\"The file of migrations.\"},"
    "\"to\":{\"type\":\"integer\",\"minimum\":1,\"maximum\":4294967295,\"description\":\"Else the "
    "latest version of the file.\"},"
    "\"dryRun\":{\"type\":\"boolean\",\"default\":false},"
    "\"backup\":{\"type\":\"boolean\",\"default\":true,\"description\":\"Keep the values from before "
    "until state.commit.\"},"
    "\"batch\":{\"type\":\"integer\",\"minimum\":1,\"maximum\":500,\"default\":100},"
    "\"validation\":{\"enum\":[\"none\",\"basic\",\"strict\"],\"default\":\"basic\"},"
    "\"rollbackOnError\":{\"type\":\"boolean\",\"default\":true},"
    "\"timeoutMs\":{\"type\":\"integer\",\"minimum\":0,\"default\":300000}}"
    ",\"required\":[\"migrations\"]}";

const char state_run_schema[] =
    "{\"type\":\"object\",\"additionalProperties\":false,\"properties\":{" PLACE_SCHEMA "," RUN_SCHEMA
    "},\"required\":[\"run\"]}";

struct running {
    struct running *next, **at;
    struct operation_call *call;
    struct migration *migration; /* NULL of a rollback or commit */
    char name[65];
};

static void running_free(struct running *r)
{
    *r->at = r->next;
    if (r->next)
        r->next->at = r->at;
    migration_free(r->migration);
    free(r);
}

void running_free_all(struct state_operations *s)
{
    while (s->running)
        running_free(s->running);
}

static void put_counts(struct json_writer *w, const struct running *r,
                       const struct state_migrated *m)
{
    json_put_string(w, STR("run"), str_from(r->name));
    json_put_i64(w, STR("to"), m->to);
    json_put_i64(w, STR("seen"), (int64_t)m->seen);
    json_put_i64(w, STR("migrated"), (int64_t)m->migrated);
    json_put_i64(w, STR("unchanged"), (int64_t)m->unchanged);
    json_put_i64(w, STR("failed"), (int64_t)m->failed);
}

static void progress(void *arg, const struct state_migrated *so_far)
{
    const struct running *r = arg;
    struct buffer out = BUFFER_INIT;
    struct json_writer w = json_writer(&out);
    json_begin_object(&w);
    put_counts(&w, r, so_far);
    json_end_object(&w);
    /* Who takes no pieces is told at the end. */
    if (!buffer_failed(&out))
        operation_piece(r->call, buffer_str(&out), (struct str){NULL, 0});
    buffer_clear(&out);
}

static void done(void *arg, const struct error *err, const struct state_migrated *m)
{
    struct running *r = arg;
    struct operation_call *call = r->call;
    struct buffer out = BUFFER_INIT;
    struct json_writer w = json_writer(&out);
    if (err) {
        running_free(r);
        operation_fail(call, err);
        return;
    }
    json_begin_object(&w);
    put_counts(&w, r, m);
    if (r->migration)
        json_put_string(&w, STR("risk"), str_from(migration_risk_name(m->risk)));
    if (m->failure.len)
        json_put_string(&w, STR("failure"), m->failure);
    json_put_bool(&w, STR("rolledBack"), m->rolled_back);
    if (m->rolled_back) {
        json_put_i64(&w, STR("restored"), (int64_t)m->restored);
        json_put_i64(&w, STR("left"), (int64_t)m->left);
    }
    json_put_bool(&w, STR("kept"), m->kept);
    json_end_object(&w);
    running_free(r);
    call_answer(call, &out);
}

static int draw_name(const struct state_operations *s, char *out, struct error *err)
{
    return hex_draw(s->parts.random, RUN_NAME_BYTES, out, err);
}

static void read_options(struct json arguments, struct state_migration *out)
{
    struct json how = json_get(arguments, STR("validation"));
    out->to = (uint32_t)call_number(arguments, STR("to"), 0);
    out->batch = (uint32_t)call_number(arguments, STR("batch"), 100);
    out->timeout_ms = call_number(arguments, STR("timeoutMs"), 300000);
    out->backup = out->rollback_on_error = true;
    json_bool(json_get(arguments, STR("dryRun")), &out->dry_run);
    json_bool(json_get(arguments, STR("backup")), &out->backup);
    json_bool(json_get(arguments, STR("rollbackOnError")), &out->rollback_on_error);
    out->validation = json_is(how, STR("none"))     ? VALIDATE_NONE
                      : json_is(how, STR("strict")) ? VALIDATE_STRICT
                                                    : VALIDATE_BASIC;
}

static struct running *running_new(struct state_operations *s, struct operation_call *call,
                                   struct error *err)
{
    struct running *r = calloc(1, sizeof(*r));
    if (!r) {
        error_set(err, ST_NOMEM, "out of memory");
        return NULL;
    }
    r->call = call;
    r->next = s->running;
    r->at = &s->running;
    if (r->next)
        r->next->at = &r->next;
    s->running = r;
    return r;
}

static void migrate(struct state_operations *s, struct operation_call *call)
{
    struct json arguments = operation_arguments(call);
    struct place_text texts;
    struct state_place place;
    struct error err;
    struct running *r = running_new(s, call, &err);
    int rc = call_place(call, &texts, &place, &err);
    if (r && !rc)
        rc = migration_compile(json_text(json_get(arguments, STR("migrations"))), s->parts.regex,
                               &r->migration, &err);
    if (r && !rc)
        rc = draw_name(s, r->name, &err);
    if (r && !rc) {
        struct state_migration options = {.migration = r->migration,
                                          .executor = s->parts.executor,
                                          .run = str_from(r->name)};
        read_options(arguments, &options);
        state_migrate(s->parts.state, &place, &options, progress, done, r);
    } else {
        if (r)
            running_free(r);
        operation_fail(call, &err);
    }
    place_text_clear(&texts);
}

static void start_migrate(struct access *a)
{
    struct state_operations *s = a->operations;
    struct operation_call *call = a->call;
    access_free(a);
    migrate(s, call);
}

void run_migrate(void *domain, struct operation_call *call)
{
    access_begin(domain, call, HOOK_STATE_MIGRATION, "migrate", "run", start_migrate);
}

typedef void ending(struct state *state, const struct state_place *place, struct str run,
                    void (*told)(void *arg, const struct error *err,
                                 const struct state_migrated *m),
                    void *arg);

static void end_run(struct state_operations *s, struct operation_call *call, ending *how)
{
    struct place_text texts;
    struct state_place place;
    struct error err;
    struct buffer scratch = BUFFER_INIT;
    struct running *r = running_new(s, call, &err);
    int rc = call_place(call, &texts, &place, &err);
    struct str name = call_text(operation_arguments(call), STR("run"), &scratch);
    if (r && !rc) {
        memcpy(r->name, name.ptr, name.len < sizeof(r->name) ? name.len : sizeof(r->name) - 1);
        how(s->parts.state, &place, str_from(r->name), done, r);
    } else {
        if (r)
            running_free(r);
        operation_fail(call, &err);
    }
    buffer_clear(&scratch);
    place_text_clear(&texts);
}

static void start_rollback(struct access *a)
{
    struct state_operations *s = a->operations;
    struct operation_call *call = a->call;
    access_free(a);
    end_run(s, call, state_rollback);
}

void run_rollback(void *domain, struct operation_call *call)
{
    access_begin(domain, call, HOOK_STATE_MIGRATION, "rollback", "run", start_rollback);
}

static void start_commit(struct access *a)
{
    struct state_operations *s = a->operations;
    struct operation_call *call = a->call;
    access_free(a);
    end_run(s, call, state_commit);
}

void run_commit(void *domain, struct operation_call *call)
{
    access_begin(domain, call, HOOK_STATE_MIGRATION, "commit", "run", start_commit);
}
