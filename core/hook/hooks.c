/* The set of hooks: adding, taking away, looking. */
#include <stdlib.h>

#include "core/hook/hook.h"
#include "core/json/pointer.h"
#include "core/json/writer.h"

int hooks_new(const struct hooks_parts *parts, struct hooks **out, struct error *err)
{
    struct hooks *hooks = calloc(1, sizeof(*hooks));
    if (!hooks)
        return error_set(err, ST_NOMEM, "out of memory");
    hooks->parts = *parts;
    hooks->timer = parts->timer->create(parts->timer->ctx, hook_runs_expire, hooks);
    hooks->cache = hook_cache_new();
    if (!hooks->timer || !hooks->cache) {
        hooks_free(hooks);
        return error_set(err, ST_NOMEM, "out of memory");
    }
    *out = hooks;
    return ST_OK;
}

void hooks_clear(struct hooks *hooks)
{
    hook_runs_free(hooks);
    for (enum hook_point p = 0; p < HOOK_POINTS; p++) {
        hook_chain_unref(hooks->chains[p]);
        hooks->chains[p] = NULL;
        hooks->gate.any[p] = false;
    }
    while (hooks->list) {
        struct hook *hook = hooks->list;
        hooks->list = hook->next;
        hook_unref(hook);
    }
}

void hooks_free(struct hooks *hooks)
{
    if (!hooks)
        return;
    hooks_clear(hooks);
    hook_pools_free(hooks);
    hook_cache_free(hooks->cache);
    if (hooks->timer)
        hooks->parts.timer->free(hooks->parts.timer->ctx, hooks->timer);
    free(hooks);
}

static struct hook *find(const struct hooks *hooks, struct str name)
{
    struct hook *hook = hooks->list;
    while (hook && !str_eq(hook->definition.name, name))
        hook = hook->next;
    return hook;
}

static int check(const struct hooks *hooks, const struct hook_definition *d, struct error *err)
{
    if (find(hooks, d->name))
        return error_set(err, ST_INVALID, "there is already a hook \"%.*s\"; give it another name",
                         STR_ARG(d->name));
    if (!d->point_count)
        return error_set(err, ST_INVALID, "the hook \"%.*s\" has no point", STR_ARG(d->name));
    for (size_t i = 0; i < d->point_count; i++) {
        if (hook_pattern_valid(d->points[i]))
            continue;
        const char *near = hook_point_nearest(d->points[i]);
        return error_set(err, ST_INVALID, "the hook \"%.*s\": there is no point \"%.*s\"%s%s%s",
                         STR_ARG(d->name), STR_ARG(d->points[i]), near ? "; did you mean \"" : "",
                         near ? near : "", near ? "\"?" : "");
    }
    for (size_t i = 0; i < d->read_count; i++)
        if (!json_pointer_valid(d->reads[i]))
            return error_set(err, ST_INVALID, "the hook \"%.*s\": \"%.*s\" is no JSON Pointer",
                             STR_ARG(d->name), STR_ARG(d->reads[i]));
    return ST_OK;
}

/* The copy of the next text, which lies in hook->bytes; all is reserved before. */
static struct str copy(struct hook *hook, struct str text)
{
    size_t at = hook->bytes.len;
    buffer_add_str(&hook->bytes, text);
    return buffer_part(&hook->bytes, at, text.len);
}

static size_t bytes_of(const struct hook_definition *d)
{
    size_t bytes = 1 + d->name.len + d->kind.len + d->tool.len + d->target.len + d->caller.len;
    for (size_t i = 0; i < d->point_count; i++)
        bytes += d->points[i].len;
    for (size_t i = 0; i < d->read_count; i++)
        bytes += d->reads[i].len;
    return bytes;
}

static struct hook *make(const struct hook_definition *d)
{
    struct hook *hook = calloc(1, sizeof(*hook));
    struct str *texts = calloc(d->point_count + d->read_count, sizeof(*texts));
    if (!hook || !texts || !buffer_reserve(&hook->bytes, bytes_of(d))) {
        free(texts);
        free(hook);
        return NULL;
    }
    hook->refs = 1;
    hook->enabled = true;
    hook->texts = texts;
    hook->definition = *d;
    hook->definition.budget_ms = d->budget_ms ? d->budget_ms : HOOK_BUDGET_MS;
    hook->definition.name = copy(hook, d->name);
    hook->definition.kind = copy(hook, d->kind);
    hook->definition.tool = copy(hook, d->tool);
    hook->definition.target = copy(hook, d->target);
    hook->definition.caller = copy(hook, d->caller);
    for (size_t i = 0; i < d->point_count; i++) {
        texts[i] = copy(hook, d->points[i]);
        hook->filters = hook->filters || texts[i].ptr[0] == '*' || str_starts(texts[i], STR("c"));
    }
    for (size_t i = 0; i < d->read_count; i++)
        texts[d->point_count + i] = copy(hook, d->reads[i]);
    hook->definition.points = texts;
    hook->definition.reads = texts + d->point_count;
    hook->filters = hook->filters || d->tool.len || d->target.len || d->caller.len;
    return hook;
}

/* Behind those of the same priority. */
static void insert(struct hooks *hooks, struct hook *hook)
{
    struct hook **at = &hooks->list;
    while (*at && (*at)->definition.priority <= hook->definition.priority)
        at = &(*at)->next;
    hook->next = *at;
    *at = hook;
}

static void take_out(struct hooks *hooks, const struct hook *hook)
{
    struct hook **at = &hooks->list;
    while (*at != hook)
        at = &(*at)->next;
    *at = hook->next;
}

int hooks_add(struct hooks *hooks, const struct hook_definition *definition, struct error *err)
{
    int rc = check(hooks, definition, err);
    if (rc)
        return rc;
    struct hook *hook = make(definition);
    if (!hook)
        return error_set(err, ST_NOMEM, "out of memory");
    insert(hooks, hook);
    rc = hook_chains_compile(hooks, err);
    if (rc) {
        take_out(hooks, hook);
        hook->definition.free = NULL; /* it is still the caller's */
        hook_unref(hook);
    }
    return rc;
}

static int not_found(struct str name, struct error *err)
{
    return error_set(err, ST_NOT_FOUND, "there is no hook \"%.*s\"; see hexmcp hooks list",
                     STR_ARG(name));
}

int hooks_remove(struct hooks *hooks, struct str name, struct error *err)
{
    struct hook *hook = find(hooks, name);
    if (!hook)
        return not_found(name, err);
    hook->removed = true;
    int rc = hook_chains_compile(hooks, err);
    if (rc) {
        hook->removed = false;
        return rc;
    }
    take_out(hooks, hook);
    hook_runs_leave(hooks, hook);
    hook_unref(hook);
    return ST_OK;
}

int hooks_enable(struct hooks *hooks, struct str name, bool on, struct error *err)
{
    struct hook *hook = find(hooks, name);
    if (!hook)
        return not_found(name, err);
    bool was = hook->enabled;
    hook->enabled = on;
    int rc = hook_chains_compile(hooks, err);
    if (rc)
        hook->enabled = was;
    else if (!on)
        hook_runs_leave(hooks, hook);
    else if (!was)
        hook->breaker = (struct breaker){.state = BREAKER_CLOSED};
    return rc;
}

void hooks_set_hide(struct hooks *hooks, bool (*hide)(void *ctx, struct str json, struct buffer *out),
                    void *ctx)
{
    hooks->hide = hide;
    hooks->hide_ctx = ctx;
}

void hook_turn_read_all(struct hook_turn *turn, struct buffer *out)
{
    const struct hook_pass *pass = (const struct hook_pass *)(const void *)turn;
    const struct hook_definition *d = &pass->hook->definition;
    struct json_writer w = json_writer(out);
    json_begin_object(&w);
    for (size_t i = 0; i < d->read_count; i++) {
        struct buffer value = BUFFER_INIT;
        if (hook_turn_read(turn, d->reads[i], &value) && !buffer_failed(&value))
            json_put_raw(&w, d->reads[i], buffer_str(&value));
        buffer_clear(&value);
    }
    json_end_object(&w);
}

static void fill_figures(const struct hooks *hooks, const struct hook *hook, struct hook_facts *out)
{
    uint64_t now_ns = hooks->parts.clock->monotonic_ns(hooks->parts.clock->ctx);
    out->breaker = hook->breaker.state;
    out->runs = hook->runs;
    out->errors = hook->errors;
    out->skipped = hook->skipped;
    memcpy(out->results, hook->results, sizeof(out->results));
    out->p50_ns = hook_samples_percentile(&hook->samples, now_ns, 50);
    out->p95_ns = hook_samples_percentile(&hook->samples, now_ns, 95);
    out->p99_ns = hook_samples_percentile(&hook->samples, now_ns, 99);
    out->last_error = hook->last_error;
}

bool hooks_at(const struct hooks *hooks, size_t index, struct hook_facts *out)
{
    const struct hook *hook = hooks ? hooks->list : NULL;
    while (hook && index--)
        hook = hook->next;
    if (!hook)
        return false;
    const struct hook_definition *d = &hook->definition;
    *out = (struct hook_facts){
        .name = d->name,
        .kind = d->kind,
        .points = d->points,
        .point_count = d->point_count,
        .tool = d->tool,
        .target = d->target,
        .caller = d->caller,
        .priority = d->priority,
        .enabled = hook->enabled,
        .gates = d->gates,
        .required = d->required,
        .budget_ms = d->budget_ms,
    };
    fill_figures(hooks, hook, out);
    return true;
}
