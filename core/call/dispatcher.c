#include "core/call/dispatcher.h"

#include <math.h>
#include <stdlib.h>

#include "core/call/call.h"

#define NS_PER_MS 1000000u

static uint64_t service_generation(void *ctx)
{
    struct dispatcher *d = ctx;
    return registry_generation(d->parts.registry);
}

static const struct tool_definition *service_at(void *ctx, const struct call_context *context,
                                                size_t index)
{
    (void)context;
    struct dispatcher *d = ctx;
    return index < d->visible_count ? d->visible[index] : NULL;
}

static const struct tool_definition *service_find(void *ctx, const struct call_context *context,
                                                  struct str name)
{
    (void)context;
    struct dispatcher *d = ctx;
    ptrdiff_t index = registry_index(d->parts.registry, name);
    if (index < 0 || !policy_may_see(&d->parts.policy, d->tools[index].definition))
        return NULL;
    return d->tools[index].definition;
}

static uint64_t deadline_of(const struct tool_call *request, const struct tool_definition *tool)
{
    uint64_t own = request->context.monotonic_ns + (uint64_t)tool->timeout_ms * NS_PER_MS;
    uint64_t asked = request->context.deadline_ns;
    return asked && asked < own ? asked : own;
}

static struct call *call_new(struct dispatcher *d, struct tool_state *tool,
                             const struct tool_call *request)
{
    struct call *call = call_table_add(&d->table);
    if (!call)
        return NULL;
    call->dispatcher = d;
    call->tool = tool;
    call->request = *request;
    if (!json_exists(call->request.arguments))
        call->request.arguments = json_root(d->no_arguments);
    call->deadline_ns = deadline_of(request, tool->definition);
    call->progress = -INFINITY;
    return call;
}

static int service_call(void *ctx, const struct tool_call *request, uint64_t *id, struct error *err)
{
    struct dispatcher *d = ctx;
    ptrdiff_t index = registry_index(d->parts.registry, request->tool);
    if (index < 0)
        return error_set(err, ST_NOT_FOUND, "there is no tool \"%.*s\"", STR_ARG(request->tool));
    struct tool_state *tool = &d->tools[index];
    struct call *call = call_new(d, tool, request);
    if (!call)
        return error_set(err, ST_NOMEM, "out of memory");
    uint64_t call_id = call->id;
    struct error why;
    if (policy_may_call(&d->parts.policy, &request->context, tool->definition, &why) ||
        tool_compile(d, tool, &why))
        call_end_error(call, &why);
    else
        call_check_arguments(call);
    call = call_table_find(&d->table, call_id);
    *id = call && !call->ended ? call_id : 0;
    return ST_OK;
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
    d->service = (struct tool_service){.ctx = d,
                                       .generation = service_generation,
                                       .at = service_at,
                                       .find = service_find,
                                       .call = service_call,
                                       .cancel = service_cancel};
    int rc = json_parse(STR("{}"), &d->no_arguments, err);
    if (!rc)
        rc = tools_load(d, err);
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
    tools_free(d);
    call_table_free(&d->table);
    json_free(d->no_arguments);
    free(d);
}

const struct tool_service *dispatcher_service(struct dispatcher *d)
{
    return &d->service;
}

size_t dispatcher_live(const struct dispatcher *d)
{
    return d->table.live;
}
