/* The services of the probe: what include/hexmcp/host/ promises, and refusals on demand. */
#include <stdio.h>
#include <stdlib.h>

#include "adapters/driven/files/files.h"
#include "adapters/driving/validator/probe.h"

#define TIMERS_MAX 1024u

struct probe_timer {
    uint64_t due_ms;
    hexmcp_reply_fn reply;
    void *arg;
    int32_t status;
    char *json; /* NULL: empty */
    bool catalog;
    struct probe_timer *next;
};

static bool refused(struct probe *p, int32_t *status)
{
    *status = atomic_load(&p->refuse);
    if (*status)
        atomic_fetch_add(&p->refusals, 1);
    return *status != 0;
}

static int32_t refuse_with(hexmcp_error *err, int32_t status)
{
    if (err) {
        err->code = status;
        snprintf(err->text, sizeof(err->text), "the validator refuses this with the status %d",
                 status);
    }
    return status;
}

static struct str from_plugin(hexmcp_str text)
{
    return (struct str){text.ptr, text.len};
}

/* ---- hexmcp.timer/1 ------------------------------------------------------------------------- */

static int32_t queue_reply(struct probe *p, uint64_t delay_ms, struct probe_timer what)
{
    struct probe_timer *timer = malloc(sizeof(*timer));
    if (!timer)
        return HEXMCP_E_NOMEM;
    *timer = what;
    timer->due_ms = probe_now(p) + delay_ms;
    pthread_mutex_lock(&p->lock);
    struct probe_timer **at = &p->waiting;
    while (*at && (*at)->due_ms <= timer->due_ms)
        at = &(*at)->next;
    timer->next = *at;
    *at = timer;
    p->timer_count++;
    pthread_cond_broadcast(&p->change);
    pthread_mutex_unlock(&p->lock);
    return HEXMCP_OK;
}

static int32_t timer_after(void *ctx, uint64_t delay_ms, hexmcp_reply_fn reply, void *arg)
{
    struct probe *p = ctx;
    int32_t status;
    if (refused(p, &status))
        return status;
    if (!reply) {
        tell_failure(p->t, HEXMCP_TIMER_1, "it sets a timer without a function; give one");
        return HEXMCP_E_INVALID;
    }
    if (delay_ms > 86400000)
        return HEXMCP_E_INVALID;
    if (p->timer_count >= TIMERS_MAX)
        return HEXMCP_E_BUSY;
    if (p->stopping)
        return HEXMCP_E_UNAVAILABLE;
    return queue_reply(p, delay_ms, (struct probe_timer){.reply = reply, .arg = arg});
}

static struct probe_timer *take_due(struct probe *p, int32_t status)
{
    uint64_t now = probe_now(p);
    pthread_mutex_lock(&p->lock);
    struct probe_timer *timer = p->waiting;
    if (timer && (status || timer->due_ms <= now)) {
        p->waiting = timer->next;
        p->timer_count--;
    } else {
        timer = NULL;
    }
    pthread_mutex_unlock(&p->lock);
    return timer;
}

unsigned probe_run_timers(struct probe *p, int32_t status)
{
    unsigned count = 0;
    struct probe_timer *timer;
    while (count < 10 * TIMERS_MAX && (timer = take_due(p, status))) {
        int32_t given = status ? status : timer->status;
        if (status && timer->catalog)
            given = HEXMCP_E_UNAVAILABLE;
        hexmcp_str json = {timer->json, timer->json ? strlen(timer->json) : 0};
        double begun = probe_loop_begin();
        if (timer->reply)
            timer->reply(timer->arg, given, json);
        probe_loop_end(p, begun);
        free(timer->json);
        free(timer);
        count++;
    }
    return count;
}

uint64_t probe_next_timer(struct probe *p)
{
    uint64_t now = probe_now(p);
    pthread_mutex_lock(&p->lock);
    uint64_t next = !p->waiting                ? UINT64_MAX
                    : p->waiting->due_ms > now ? p->waiting->due_ms - now
                                               : 0;
    pthread_mutex_unlock(&p->lock);
    return next;
}

/* ---- hexmcp.call/1, hexmcp.thread-check/1 --------------------------------------------------- */

static int32_t call_cancelled(void *ctx, hexmcp_call id)
{
    struct probe *p = ctx;
    pthread_mutex_lock(&p->lock);
    const struct probe_call *call = probe_find(p, id);
    int32_t over = !call || call->answered || call->cancelled || probe_now(p) >= call->deadline_ms;
    pthread_mutex_unlock(&p->lock);
    return over;
}

static uint64_t call_remaining(void *ctx, hexmcp_call id)
{
    struct probe *p = ctx;
    uint64_t now = probe_now(p);
    pthread_mutex_lock(&p->lock);
    const struct probe_call *call = probe_find(p, id);
    uint64_t left =
        call && !call->answered && call->deadline_ms > now ? call->deadline_ms - now : 0;
    pthread_mutex_unlock(&p->lock);
    return left;
}

static int32_t give_text(struct probe *p, hexmcp_call id, const char *text, char *out, size_t size,
                         size_t *len)
{
    pthread_mutex_lock(&p->lock);
    bool known = probe_find(p, id) != NULL;
    pthread_mutex_unlock(&p->lock);
    if (!known)
        return HEXMCP_E_NOT_FOUND;
    if (strlen(text) > size)
        return HEXMCP_E_TOO_LARGE;
    memcpy(out, text, strlen(text));
    *len = strlen(text);
    return HEXMCP_OK;
}

static int32_t call_traceparent(void *ctx, hexmcp_call id, char *out, size_t size, size_t *len)
{
    return give_text(ctx, id, "00-0af7651916cd43dd8448eb211c80319c-b7ad6b7169203331-01", out, size,
                     len);
}

static int32_t call_no_text(void *ctx, hexmcp_call id, char *out, size_t size, size_t *len)
{
    (void)ctx;
    (void)id;
    (void)out;
    (void)size;
    (void)len;
    return HEXMCP_E_NOT_FOUND;
}

static int32_t is_loop(void *ctx)
{
    return probe_is_loop(ctx);
}

static int32_t is_worker(void *ctx)
{
    (void)ctx;
    return probe_is_worker();
}

/* ---- hexmcp.catalog/1, hexmcp.notify/1 ------------------------------------------------------- */

static char *name_of(uint32_t kind, struct json definition)
{
    static const char *const keys[] = {"name", "uri", "uriTemplate", "name"};
    struct buffer name = BUFFER_INIT;
    size_t len;
    json_decode(json_get(definition, str_from(keys[kind])), &name);
    if (!name.len)
        return NULL;
    return buffer_take(&name, &len);
}

static struct probe_item **find_item(struct probe *p, uint32_t kind, struct str name)
{
    struct probe_item **at = &p->items;
    while (*at && !((*at)->kind == kind && str_eq(str_from((*at)->name), name)))
        at = &(*at)->next;
    return at;
}

static void item_free(struct probe_item *item)
{
    free(item->name);
    free(item->definition);
    free(item);
}

static void withdraw_item(struct probe *p, uint32_t kind, struct str name, int32_t *status)
{
    pthread_mutex_lock(&p->lock);
    struct probe_item **at = find_item(p, kind, name);
    struct probe_item *item = *at;
    if (item)
        *at = item->next;
    pthread_mutex_unlock(&p->lock);
    *status = item ? HEXMCP_OK : HEXMCP_E_NOT_FOUND;
    if (item)
        item_free(item);
}

static int32_t keep_item(struct probe *p, uint32_t kind, hexmcp_str definition, char **reply)
{
    struct json_doc *doc;
    struct error err;
    int32_t ignored;
    char text[700];
    if (json_parse(from_plugin(definition), &doc, &err)) {
        tell_failure(p->t, HEXMCP_CATALOG_1, "it publishes what is no JSON: %s", err.text);
        return HEXMCP_E_INVALID;
    }
    struct probe_item *item = calloc(1, sizeof(*item));
    char *name = name_of(kind, json_root(doc));
    json_free(doc);
    if (!item || !name) {
        free(item);
        free(name);
        tell_failure(p->t, HEXMCP_CATALOG_1, "it publishes an item without a name; give it one");
        return HEXMCP_E_INVALID;
    }
    withdraw_item(p, kind, str_from(name), &ignored);
    *item = (struct probe_item){kind, name, strndup(definition.ptr, definition.len), NULL};
    snprintf(text, sizeof(text), "{\"name\":\"%.600s\"}", name);
    *reply = strdup(strpbrk(name, "\"\\") ? "{\"name\":\"?\"}" : text);
    pthread_mutex_lock(&p->lock);
    item->next = p->items;
    p->items = item;
    pthread_mutex_unlock(&p->lock);
    return HEXMCP_OK;
}

static int32_t catalog_publish(void *ctx, uint32_t kind, hexmcp_str definition, hexmcp_str options,
                               hexmcp_reply_fn reply, void *arg)
{
    struct probe *p = ctx;
    int32_t status;
    char *json = NULL;
    if (refused(p, &status))
        return status;
    if (kind > HEXMCP_KIND_PROMPT)
        return HEXMCP_E_INVALID;
    if (p->stopping)
        return HEXMCP_E_UNAVAILABLE;
    probe_look(p, HEXMCP_CATALOG_1, "what it publishes", definition);
    probe_look(p, HEXMCP_CATALOG_1, "what it publishes", options);
    status = keep_item(p, kind, definition, &json);
    if (!json)
        json = strdup("{\"message\":\"it is no item\"}");
    return queue_reply(
        p, 0,
        (struct probe_timer){
            .reply = reply, .arg = arg, .status = status, .json = json, .catalog = true});
}

static int32_t catalog_withdraw(void *ctx, uint32_t kind, hexmcp_str name, hexmcp_reply_fn reply,
                                void *arg)
{
    struct probe *p = ctx;
    int32_t status;
    if (refused(p, &status))
        return status;
    if (kind > HEXMCP_KIND_PROMPT || name.len > 8192)
        return HEXMCP_E_INVALID;
    if (p->stopping)
        return HEXMCP_E_UNAVAILABLE;
    withdraw_item(p, kind, from_plugin(name), &status);
    const char *json = status ? "{\"message\":\"there is no such item\"}" : "{}";
    return queue_reply(
        p, 0,
        (struct probe_timer){
            .reply = reply, .arg = arg, .status = status, .json = strdup(json), .catalog = true});
}

static int32_t notify_updated(void *ctx, hexmcp_str uri)
{
    struct probe *p = ctx;
    int32_t status;
    if (refused(p, &status))
        return status;
    probe_look(p, HEXMCP_NOTIFY_1, "the URI of a change", uri);
    return p->stopping ? HEXMCP_E_UNAVAILABLE : uri.len > 8192 ? HEXMCP_E_TOO_LARGE : HEXMCP_OK;
}

static int32_t notify_elicited(void *ctx, hexmcp_str id)
{
    struct probe *p = ctx;
    int32_t status;
    if (refused(p, &status))
        return status;
    probe_look(p, HEXMCP_NOTIFY_1, "the id of a question", id);
    return !id.len ? HEXMCP_E_INVALID : id.len > 64 ? HEXMCP_E_TOO_LARGE : HEXMCP_OK;
}

/* ---- hexmcp.files/1 ------------------------------------------------------------------------- */

static int32_t files_begin(struct probe *p, hexmcp_call id, struct error *err)
{
    int32_t status;
    if (refused(p, &status))
        return error_set(err, status, "the validator refuses this with the status %d", status);
    if (probe_is_loop(p)) {
        tell_failure(p->t, HEXMCP_FILES_1,
                     "it opens files on the loop thread; give its tool the mode "
                     "\"worker\"");
        return error_set(err, ST_PROTOCOL, "files cannot be opened on the loop thread");
    }
    pthread_mutex_lock(&p->lock);
    const struct probe_call *call = probe_find(p, id);
    bool known = call && !call->answered, paths = call && call->paths;
    pthread_mutex_unlock(&p->lock);
    if (!known)
        return error_set(err, ST_NOT_FOUND, "the call has ended");
    if (!paths)
        return error_set(err, ST_DENIED,
                         "the call has no argument that plugin.json names in "
                         "\"pathArguments\", so it may open no file");
    return ST_OK;
}

static struct path_grants grants_of(const struct probe *p, struct path_grant *grant)
{
    struct json paths = subject_grant(p->t->subject, "paths");
    struct json_iter it = json_iter(paths);
    *grant =
        (struct path_grant){.folder = str_from(p->t->scratch), .real = str_from(p->t->scratch)};
    while (json_next(&it))
        grant->write = grant->write || json_is(it.value, STR("write"));
    return (struct path_grants){.at = grant, .count = 1};
}

static int32_t tell_error(const struct error *from, hexmcp_error *err)
{
    if (err) {
        err->code = from->code;
        snprintf(err->text, sizeof(err->text), "%s", from->text);
    }
    return from->code;
}

static int32_t files_open(void *ctx, hexmcp_call call, hexmcp_str path, uint32_t flags, int32_t *fd,
                          hexmcp_error *out)
{
    struct probe *p = ctx;
    struct path_grant grant;
    struct path_grants grants = grants_of(p, &grant);
    const struct files_port *port = files_port();
    struct error err;
    int rc = files_begin(p, call, &err);
    probe_enter();
    if (!rc)
        rc = port->open(port->ctx, &grants, from_plugin(path), flags, fd, &err);
    probe_leave();
    return rc ? tell_error(&err, out) : HEXMCP_OK;
}

static int32_t files_parent(void *ctx, hexmcp_call call, hexmcp_str path, uint32_t access,
                            int32_t *fd, char *name, hexmcp_error *out)
{
    struct probe *p = ctx;
    struct path_grant grant;
    struct path_grants grants = grants_of(p, &grant);
    const struct files_port *port = files_port();
    struct error err;
    int rc = files_begin(p, call, &err);
    probe_enter();
    if (!rc)
        rc = port->parent(port->ctx, &grants, from_plugin(path), access, fd, name, &err);
    probe_leave();
    return rc ? tell_error(&err, out) : HEXMCP_OK;
}

static int32_t files_roots(void *ctx, hexmcp_call id,
                           void (*each)(void *arg, hexmcp_str path, uint32_t access), void *arg)
{
    struct probe *p = ctx;
    struct path_grant grant;
    struct path_grants grants = grants_of(p, &grant);
    pthread_mutex_lock(&p->lock);
    const struct probe_call *call = probe_find(p, id);
    bool known = call && !call->answered, paths = call && call->paths;
    pthread_mutex_unlock(&p->lock);
    if (!known)
        return HEXMCP_E_NOT_FOUND;
    if (paths && grants.count)
        each(arg, (hexmcp_str){grant.folder.ptr, grant.folder.len},
             HEXMCP_FILES_READ | (grant.write ? HEXMCP_FILES_WRITE : 0));
    return HEXMCP_OK;
}

/* ---- hexmcp.schema/1 ------------------------------------------------------------------------ */

static int32_t schema_validate_text(void *ctx, hexmcp_str schema, hexmcp_str value, uint32_t flags,
                                    void (*told)(void *arg, hexmcp_str json), void *arg,
                                    hexmcp_error *out)
{
    struct probe *p = ctx;
    const struct plugin_checks *rules = p->t->rules;
    struct buffer result = BUFFER_INIT;
    struct error err;
    int32_t status;
    if (refused(p, &status))
        return refuse_with(out, status);
    if (flags & ~HEXMCP_SCHEMA_FORMATS)
        return refuse_with(out, HEXMCP_E_UNSUPPORTED);
    if (schema.len > HEXMCP_SCHEMA_BYTES_MAX || value.len > HEXMCP_SCHEMA_VALUE_BYTES_MAX)
        return refuse_with(out, HEXMCP_E_TOO_LARGE);
    probe_enter(); /* the library for patterns may be loaded */
    int rc = rules->check_value(rules->ctx, from_plugin(schema), from_plugin(value),
                                flags & HEXMCP_SCHEMA_FORMATS, &result, &err);
    probe_leave();
    if (rc)
        rc = tell_error(&err, out);
    else
        told(arg, (hexmcp_str){result.data, result.len});
    buffer_clear(&result);
    return rc;
}

/* ---- all ------------------------------------------------------------------------------------ */

void probe_make_services(struct probe *p)
{
    probe_make_world(p);
    p->call_info = (hexmcp_call_info_1){.size = sizeof(p->call_info),
                                        .ctx = p,
                                        .cancelled = call_cancelled,
                                        .remaining_ms = call_remaining,
                                        .traceparent = call_traceparent,
                                        .tracestate = call_no_text,
                                        .meta = call_no_text};
    p->thread_check = (hexmcp_thread_check_1){
        .size = sizeof(p->thread_check), .ctx = p, .is_loop = is_loop, .is_worker = is_worker};
    p->timers = (hexmcp_timer_1){.size = sizeof(p->timers), .ctx = p, .after = timer_after};
    p->catalog = (hexmcp_catalog_1){.size = sizeof(p->catalog),
                                    .ctx = p,
                                    .publish = catalog_publish,
                                    .withdraw = catalog_withdraw};
    p->notify = (hexmcp_notify_1){.size = sizeof(p->notify),
                                  .ctx = p,
                                  .resource_updated = notify_updated,
                                  .elicitation_complete = notify_elicited};
    p->files = (hexmcp_files_1){.size = sizeof(p->files),
                                .ctx = p,
                                .open = files_open,
                                .parent = files_parent,
                                .roots = files_roots};
    p->schema =
        (hexmcp_schema_1){.size = sizeof(p->schema), .ctx = p, .validate = schema_validate_text};
}

const void *probe_service(struct probe *p, const char *id)
{
    const struct subject *s = p->t->subject;
    bool dynamic = false;
    json_bool(json_get(subject_json(s), STR("dynamic")), &dynamic);
    const struct {
        const char *id;
        const void *table;
        bool granted;
    } services[] = {
        {HEXMCP_CALL_1, &p->call_info, true},
        {HEXMCP_THREAD_CHECK_1, &p->thread_check, true},
        {HEXMCP_TIMER_1, &p->timers, true},
        {HEXMCP_NOTIFY_1, &p->notify, true},
        {HEXMCP_SCHEMA_1, &p->schema, true},
        {HEXMCP_CATALOG_1, &p->catalog, dynamic},
        {HEXMCP_FILES_1, &p->files, json_count(subject_grant(s, "paths")) > 0},
    };
    for (size_t i = 0; i < sizeof(services) / sizeof(services[0]); i++)
        if (strcmp(id, services[i].id) == 0) {
            if (!services[i].granted)
                tell_warning(p->t, id,
                             "it asks for this service, and plugin.json does not; it gets "
                             "nothing");
            return services[i].granted ? services[i].table : NULL;
        }
    return probe_world_service(p, id);
}

void probe_free_services(struct probe *p)
{
    struct probe_timer *timer;
    while ((timer = p->waiting)) {
        p->waiting = timer->next;
        free(timer->json);
        free(timer);
    }
    while (p->items) {
        struct probe_item *item = p->items;
        p->items = item->next;
        item_free(item);
    }
}
