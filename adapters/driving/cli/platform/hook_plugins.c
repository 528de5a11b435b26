/* Hooks of plugins in the chains. A plugin is loaded when the first of its hooks is to run. */
#include <stdio.h>
#include <stdlib.h>

#include "adapters/driving/cli/platform/hooks.h"
#include "core/hook/builtin/builtin.h"

#define INLINE_BYTES 4096u
#define NAME_MAX_BYTES 256
/* What the first run may take longer: the plugin is loaded, or its process started. */
#define FIRST_MS 15000u

struct plugin_hook_self {
    struct plugin_host *host;
    uint32_t plugin;
    bool on_loop;
    uint32_t budget_ms;
    struct buffer name;
};

/* One run that has not ended. */
struct pending {
    struct hook_turn *turn;
    uint64_t id;
};

static void ended(void *arg, const struct error *err, struct str json)
{
    struct pending *pending = arg;
    struct hook_turn *turn = pending->turn;
    free(pending);
    if (err)
        hook_fail(turn, err);
    else
        hook_answer_json(turn, json);
}

static void put_point(const struct hook_event *event, struct buffer *out)
{
    buffer_add_str(out, str_from(hook_point_facts(event->point)->name));
    if (event->point == HOOK_CUSTOM) {
        buffer_add_char(out, ':');
        buffer_add_str(out, event->custom);
    }
}

static void begin(const struct plugin_hook_self *self, struct pending *pending, struct str point,
                  struct str data)
{
    struct hook_turn *turn = pending->turn;
    const struct plugin_hook_run run = {
        .plugin = self->plugin,
        .name = buffer_str(&self->name),
        .point = point,
        .data = data,
        .on_loop = self->on_loop && data.len <= INLINE_BYTES,
        .timeout_ms = self->budget_ms,
        .done = ended,
        .arg = pending,
    };
    turn->user = pending;
    uint64_t id = plugin_host_run_hook(self->host, &run);
    if (id)
        pending->id = id; /* else it has ended and is gone */
}

static enum hook_result run(void *arg, struct hook_turn *turn)
{
    const struct plugin_hook_self *self = arg;
    struct buffer data = BUFFER_INIT, point = BUFFER_INIT;
    struct pending *pending = malloc(sizeof(*pending));
    hook_turn_read_all(turn, &data);
    put_point(turn->event, &point);
    if (!pending || buffer_failed(&data) || buffer_failed(&point)) {
        struct error err;
        error_set(&err, ST_NOMEM, "out of memory");
        free(pending);
        hook_fail(turn, &err);
    } else {
        *pending = (struct pending){turn, 0};
        begin(self, pending, buffer_str(&point), buffer_str(&data));
    }
    buffer_clear(&data);
    buffer_clear(&point);
    return HOOK_LATER;
}

static void on_cancel(void *arg, struct hook_turn *turn)
{
    const struct plugin_hook_self *self = arg;
    struct pending *pending = turn->user;
    plugin_host_stop_hook(self->host, pending->id);
    free(pending);
}

static void free_self(void *arg)
{
    struct plugin_hook_self *self = arg;
    buffer_clear(&self->name);
    free(self);
}

/* ---- from the manifest ---------------------------------------------------------------------------- */

struct adding {
    struct plugin_host *host;
    struct hooks *hooks;
    struct json use, gates;
    struct error *err;
    int rc;
};

/* What the configuration says of the hook, or nothing. */
static struct json entry_of(const struct adding *a, struct str name)
{
    struct json_iter it = json_iter(a->use);
    while (json_next(&it))
        if (json_is(json_get(it.value, STR("hook")), name))
            return it.value;
    return json_none();
}

static bool may_gate(const struct adding *a, const struct plugin_hook *hook)
{
    if (!hook->isolated)
        return true;
    struct json_iter it = json_iter(a->gates);
    while (json_next(&it))
        if (json_is(it.value, hook->plugin_id))
            return true;
    return false;
}

static struct plugin_hook_self *make_self(const struct adding *a, const struct plugin_hook *hook)
{
    struct plugin_hook_self *self = calloc(1, sizeof(*self));
    int64_t timeout = HOOK_BUDGET_MS;
    if (!self)
        return NULL;
    json_int64(json_get(hook->entry, STR("timeoutMs")), &timeout);
    self->host = a->host;
    self->plugin = hook->plugin;
    self->budget_ms = (uint32_t)timeout;
    self->on_loop = json_is(json_get(json_get(hook->entry, STR("run")), STR("mode")), STR("inline"));
    json_decode(json_get(hook->entry, STR("name")), &self->name);
    return self;
}

#define READS_MAX 32

/* The texts of the definition, for as long as it is added. */
struct texts {
    struct buffer scratch;
    struct str reads[READS_MAX];
    char name[NAME_MAX_BYTES];
    struct hook_entry_points points;
};

static struct str keep(struct texts *t, struct json text)
{
    size_t at = t->scratch.len;
    json_decode(text, &t->scratch);
    return buffer_part(&t->scratch, at, t->scratch.len - at);
}

static int define(const struct adding *a, const struct plugin_hook *hook, struct texts *t,
                  struct hook_definition *d)
{
    bool gates = false;
    struct json_iter it = json_iter(json_get(hook->entry, STR("reads")));
    if (!buffer_reserve(&t->scratch, json_text(hook->entry).len))
        return error_set(a->err, ST_NOMEM, "out of memory");
    struct str local = keep(t, json_get(hook->entry, STR("name")));
    snprintf(t->name, sizeof(t->name), "plugin:%.*s/%.*s", STR_ARG(hook->plugin_id), STR_ARG(local));
    t->points.at[0] = keep(t, json_get(hook->entry, STR("point")));
    json_bool(json_get(hook->entry, STR("gates")), &gates);
    *d = (struct hook_definition){
        .name = str_from(t->name),
        .kind = STR("plugin"),
        .points = t->points.at,
        .point_count = 1,
        .reads = t->reads,
        .gates = gates && may_gate(a, hook),
        .first_ms = FIRST_MS,
        .run = run,
        .cancel = on_cancel,
        .free = free_self,
    };
    while (json_next(&it) && d->read_count < READS_MAX)
        t->reads[d->read_count++] = keep(t, it.value);
    struct json priority = json_get(hook->entry, STR("priority"));
    int rc = json_exists(priority) ? hook_priority_read(priority, &d->priority, a->err) : ST_OK;
    struct json entry = entry_of(a, d->name);
    return rc || !json_exists(entry) ? rc
                                     : hook_entry_read(d->name, entry, d, &t->points, a->err);
}

static void add(void *ctx, const struct plugin_hook *hook)
{
    struct adding *a = ctx;
    struct texts t = {.scratch = BUFFER_INIT};
    struct hook_definition d;
    if (a->rc)
        return;
    struct plugin_hook_self *self = make_self(a, hook);
    a->rc = self ? define(a, hook, &t, &d) : error_set(a->err, ST_NOMEM, "out of memory");
    if (!a->rc) {
        d.self = self;
        d.budget_ms = self->budget_ms;
        a->rc = hooks_add(a->hooks, &d, a->err);
    }
    if (a->rc && self)
        free_self(self);
    buffer_clear(&t.scratch);
    buffer_clear(&t.points.scratch);
}

int hook_plugins_add(struct plugin_host *host, struct hooks *hooks, struct json use,
                     struct json gates, struct error *err)
{
    struct adding a = {host, hooks, use, gates, err, ST_OK};
    plugin_host_visit_hooks(host, add, &a);
    return a.rc;
}
