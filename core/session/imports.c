#include <stdlib.h>

#include "core/session/ask.h"
#include "core/session/imports.h"

/* Imports at once of all callers; the oldest goes when there are more. */
#define IMPORTS_MAX 16u

struct open_import {
    struct open_import *next;
    struct import *import;
    bool busy; /* an operation of it runs */
    char *caller, *tenant;
    char id[UUID_TEXT_SIZE];
};

struct import_work {
    struct session_work work;
    struct open_import *open;
    struct session_ask ask;
};

static void forget(struct sessions *sessions, struct open_import *open)
{
    struct open_import **at = &sessions->imports;
    while (*at != open)
        at = &(*at)->next;
    *at = open->next;
    import_free(open->import);
    free(open->caller);
    free(open->tenant);
    free(open);
}

void imports_free(struct sessions *sessions)
{
    while (sessions->imports)
        forget(sessions, sessions->imports);
}

/* The oldest that nobody works on, if there are too many. */
static void make_room(struct sessions *sessions)
{
    struct open_import *oldest = NULL;
    size_t count = 0;
    for (struct open_import *open = sessions->imports; open; open = open->next) {
        count++;
        if (!open->busy)
            oldest = open;
    }
    if (count >= IMPORTS_MAX && oldest)
        forget(sessions, oldest);
}

static struct open_import *open_new(struct session_work *work, struct error *err)
{
    struct sessions *sessions = work->sessions;
    const struct caller *caller = work_caller(work);
    struct open_import *open = calloc(1, sizeof(*open));
    make_room(sessions);
    if (!open) {
        no_memory(err);
        return NULL;
    }
    open->next = sessions->imports;
    sessions->imports = open;
    open->import = import_new(sessions, caller);
    open->caller = session_text(caller->id);
    open->tenant = session_text(caller->tenant);
    if (!open->import || !open->caller || !open->tenant)
        no_memory(err);
    else if (uuid_next(&sessions->uuids, sessions->parts.clock, sessions->parts.random, open->id,
                       err) == ST_OK)
        return open;
    forget(sessions, open);
    return NULL;
}

void session_op_import_begin(void *domain, struct operation_call *call)
{
    struct session_work *work = work_new(domain, call, sizeof(*work));
    struct buffer out = BUFFER_INIT;
    struct json_writer w = json_writer(&out);
    struct error err;
    if (!work)
        return;
    struct open_import *open = open_new(work, &err);
    if (!open) {
        work_fail(work, &err);
        return;
    }
    json_begin_object(&w);
    json_put_string(&w, STR("import"), str_from(open->id));
    json_end_object(&w);
    work_answer(work, &out);
}

/* ST_NOT_FOUND also for those of others. */
static struct import_work *find(void *domain, struct operation_call *call)
{
    struct import_work *x = work_new(domain, call, sizeof(*x));
    struct error err;
    if (!x)
        return NULL;
    const struct caller *caller = work_caller(&x->work);
    struct str id = work_text(&x->work, "import");
    struct open_import *open = x->work.sessions->imports;
    while (open && !(str_eq(str_from(open->id), id) && str_eq(str_from(open->caller), caller->id) &&
                     str_eq(str_from(open->tenant), caller->tenant)))
        open = open->next;
    if (open && !open->busy) {
        x->open = open;
        return x;
    }
    if (open)
        error_set(&err, ST_BUSY, "bytes of the import %.*s are still being written", STR_ARG(id));
    else
        error_set(&err, ST_NOT_FOUND, "there is no import %.*s; begin one",
                  (int)(id.len > UUID_LENGTH ? UUID_LENGTH : id.len), id.len ? id.ptr : "");
    work_fail(&x->work, &err);
    return NULL;
}

static void answer_empty(struct session_work *work)
{
    struct buffer out = BUFFER_INIT;
    buffer_add_str(&out, STR("{}"));
    work_answer(work, &out);
}

static void fed(void *arg, const struct error *err)
{
    struct import_work *x = arg;
    x->open->busy = false;
    if (!err) {
        answer_empty(&x->work);
        return;
    }
    const struct error copy = *err;
    forget(x->work.sessions, x->open);
    work_fail(&x->work, &copy);
}

void session_op_import_write(void *domain, struct operation_call *call)
{
    struct import_work *x = find(domain, call);
    if (!x)
        return;
    x->open->busy = true;
    import_feed(x->open->import, operation_context(call), operation_bytes(call), fed, x);
}

static void finished(void *arg, const struct error *err)
{
    struct import_work *x = arg;
    struct buffer out = BUFFER_INIT;
    struct json_writer w = json_writer(&out);
    if (err) {
        const struct error copy = *err;
        forget(x->work.sessions, x->open);
        work_fail(&x->work, &copy);
        return;
    }
    json_begin_object(&w);
    json_put_string(&w, STR("id"), import_id(x->open->import));
    json_put_i64(&w, STR("version"), (int64_t)import_version(x->open->import));
    json_end_object(&w);
    forget(x->work.sessions, x->open);
    work_answer(&x->work, &out);
}

static void asked(void *arg, const struct error *refused, const struct str changed[2])
{
    struct import_work *x = arg;
    (void)changed;
    if (refused)
        finished(x, refused);
    else
        import_finish(x->open->import, operation_context(x->work.call), finished, x);
}

static void clear(struct session_work *work)
{
    session_ask_stop(&((struct import_work *)work)->ask);
}

void session_op_import_finish(void *domain, struct operation_call *call)
{
    struct import_work *x = find(domain, call);
    if (!x)
        return;
    x->open->busy = true;
    x->work.clear = clear;
    x->ask = (struct session_ask){.point = HOOK_SESSION_RESTORE,
                                  .context = operation_context(call),
                                  .id = import_id(x->open->import),
                                  .action = "import",
                                  .then = asked,
                                  .arg = x};
    session_ask(domain, &x->ask);
}

void session_op_import_drop(void *domain, struct operation_call *call)
{
    struct import_work *x = find(domain, call);
    if (!x)
        return;
    forget(x->work.sessions, x->open);
    answer_empty(&x->work);
}
