#include "core/call/dispatcher.h"

#include <math.h>
#include <stdlib.h>

#include "core/call/call.h"

#define NS_PER_MS 1000000u

static uint64_t deadline_of(const struct call_request *request, const struct item *item)
{
    uint64_t own = request->context.monotonic_ns + (uint64_t)item->timeout_ms * NS_PER_MS;
    uint64_t asked = request->context.deadline_ns;
    return asked && asked < own ? asked : own;
}

/* Puts a copy of the text where the call keeps it; `at` counts from there, as the buffer moves. */
static size_t keep(struct call *call, struct str text)
{
    size_t at = call->text.len;
    buffer_add_str(&call->text, text);
    return at;
}

/* The texts that are not part of the borrowed document. A plain tool call has only the name, which
 * its item has too. */
static bool keep_texts(struct call *call)
{
    struct call_request *q = &call->request;
    if (q->action == ACTION_CALL && !q->resume) {
        q->target = call->item->definition->name;
        return true;
    }
    size_t target = keep(call, q->target), argument = keep(call, q->argument);
    size_t value = keep(call, q->value), state = keep(call, q->state);
    size_t answers = keep(call, q->answers);
    if (buffer_failed(&call->text))
        return false;
    q->target.ptr = call->text.data + target;
    q->argument.ptr = call->text.data + argument;
    q->value.ptr = call->text.data + value;
    q->state.ptr = call->text.data + state;
    q->answers.ptr = call->text.data + answers;
    return true;
}

/* The variables of a URI are the arguments of the call. */
static bool take_variables(struct call *call, struct buffer *variables)
{
    size_t len;
    if (variables->len == 0)
        return true;
    char *data = buffer_take(variables, &len);
    if (!data || json_parse_take(data, len, &call->variables, NULL))
        return false;
    call->request.arguments = json_root(call->variables);
    return true;
}

static struct call *call_new(struct dispatcher *d, struct item_state *item,
                             const struct call_request *request, struct buffer *variables)
{
    struct call *call = call_table_add(&d->table);
    if (!call)
        return NULL;
    call->dispatcher = d;
    call->item = item;
    call->request = *request;
    if (!keep_texts(call) || !take_variables(call, variables)) {
        json_free(call->variables);
        buffer_clear(&call->text);
        call_table_remove(&d->table, call);
        return NULL;
    }
    if (!json_exists(call->request.arguments))
        call->request.arguments = json_root(d->no_arguments);
    call->deadline_ns = deadline_of(request, item->definition);
    call->progress = -INFINITY;
    call->hooks.forked = d->forking;
    registry_ref(item->definition);
    return call;
}

static void begin(struct dispatcher *d, struct call *call)
{
    struct item_state *item = call->item;
    struct error why;
    if (policy_may_call(&d->parts.policy, &call->request.context, item->definition, &why)) {
        call_tell(call, HOOK_SECURITY_VIOLATION, &why);
        call_end_error(call, &why);
    } else if (item_compile(d, item, &why)) {
        call_end_error(call, &why);
    } else if (call_rename_arguments(call, &why)) {
        call_refuse_arguments(call, &why);
    } else if (call_keep_roots(call, &why)) {
        call_end_error(call, &why);
    } else {
        call_check_arguments(call);
    }
}

static int start(struct dispatcher *d, const struct call_request *request, uint64_t *id,
                 struct error *err)
{
    const struct item *target;
    struct buffer variables = BUFFER_INIT;
    int rc = call_find_target(d, request, &target, &variables, err);
    struct item_state *item = rc ? NULL : item_state_of(d, target);
    struct call *call = item ? call_new(d, item, request, &variables) : NULL;
    buffer_clear(&variables);
    if (!call)
        return rc ? rc : error_set(err, ST_NOMEM, "out of memory");
    uint64_t call_id = call->id;
    begin(d, call);
    call = call_table_find(&d->table, call_id);
    *id = call && !call->ended ? call_id : 0;
    return ST_OK;
}

static int service_call(void *ctx, const struct call_request *asked, uint64_t *id,
                        struct error *err)
{
    struct buffer scratch = BUFFER_INIT;
    struct call_request forwarded;
    int rc = start(ctx, call_forward(ctx, asked, &forwarded, &scratch), id, err);
    buffer_clear(&scratch);
    return rc;
}

static void service_cancel(void *ctx, uint64_t id)
{
    struct dispatcher *d = ctx;
    struct call *call = call_table_find(&d->table, id);
    if (call)
        call_cancel(call);
}

int dispatcher_new(const struct dispatcher_parts *parts, struct dispatcher **out,
                   struct error *err)
{
    struct dispatcher *d = calloc(1, sizeof(*d));
    if (!d)
        return error_set(err, ST_NOMEM, "out of memory");
    d->parts = *parts;
    d->service = (struct call_service){.ctx = d, .call = service_call, .cancel = service_cancel};
    registry_on_free(parts->registry, item_state_free);
    int rc = json_parse(STR("{}"), &d->no_arguments, err);
    if (!rc)
        rc = deadline_init(d, err);
    if (rc) {
        dispatcher_free(d);
        return rc;
    }
    run_attach(d);
    *out = d;
    return ST_OK;
}

void dispatcher_free(struct dispatcher *d)
{
    if (!d)
        return;
    if (d->timer)
        d->parts.timer->free(d->parts.timer->ctx, d->timer);
    for (uint32_t i = 0; i < d->table.cap; i++)
        if (d->table.calls[i])
            call_drop(d->table.calls[i]);
    plugin_states_free(d);
    call_table_free(&d->table);
    json_free(d->no_arguments);
    free(d);
}

const struct call_service *dispatcher_service(struct dispatcher *d)
{
    return &d->service;
}

size_t dispatcher_live(const struct dispatcher *d)
{
    return d->table.live;
}
