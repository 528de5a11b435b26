#include "core/call/call.h"

static bool has_slot(const struct tool_state *tool)
{
    return tool->active < tool->definition->slots && tool->plugin->active < tool->plugin->slots;
}

static void take_slot(struct call *call)
{
    call->tool->active++;
    call->tool->plugin->active++;
    call->holds_slot = true;
}

static void wait_for_slot(struct call *call)
{
    struct tool_state *tool = call->tool;
    call->state = CALL_WAITING;
    call->next_waiting = NULL;
    if (tool->last_waiting)
        tool->last_waiting->next_waiting = call;
    else
        tool->first_waiting = call;
    tool->last_waiting = call;
    tool->waiting++;
    call->dispatcher->waiting++;
    deadline_watch(call);
}

void call_admit(struct call *call)
{
    struct tool_state *tool = call->tool;
    if (!tool->first_waiting && has_slot(tool)) {
        take_slot(call);
        call_run(call);
    } else if (tool->waiting < tool->definition->queue) {
        wait_for_slot(call);
    } else {
        struct error err;
        error_set(&err, ST_BUSY,
                  "tool \"%.*s\" is busy: %u calls run and %u wait; try again later",
                  STR_ARG(tool->definition->name), tool->active, tool->waiting);
        call_end_error(call, &err);
    }
}

static struct call *take_first_waiting(struct tool_state *tool)
{
    struct call *call = tool->first_waiting;
    tool->first_waiting = call->next_waiting;
    if (!tool->first_waiting)
        tool->last_waiting = NULL;
    tool->waiting--;
    call->dispatcher->waiting--;
    return call;
}

static struct tool_state *next_ready(struct dispatcher *d, struct tool_state *first)
{
    if (first->first_waiting && has_slot(first))
        return first;
    for (size_t i = 0; i < d->tool_count; i++)
        if (d->tools[i].plugin == first->plugin && d->tools[i].first_waiting &&
            has_slot(&d->tools[i]))
            return &d->tools[i];
    return NULL;
}

/* Starts what waits for this plugin, the tool that gave a slot back first. An inline call ends at
 * once and comes here again: the loop that is already running goes on for it. */
static void start_waiting(struct dispatcher *d, struct tool_state *first)
{
    struct plugin_state *plugin = first->plugin;
    if (plugin->starting)
        return;
    plugin->starting = true;
    struct tool_state *ready;
    while (d->waiting && (ready = next_ready(d, first))) {
        struct call *call = take_first_waiting(ready);
        take_slot(call);
        call_run(call);
    }
    plugin->starting = false;
}

void call_release_slot(struct dispatcher *d, struct tool_state *tool)
{
    tool->active--;
    tool->plugin->active--;
    if (d->waiting)
        start_waiting(d, tool);
}

void call_stop_waiting(struct call *call)
{
    struct tool_state *tool = call->tool;
    struct call *before = NULL;
    for (struct call *at = tool->first_waiting; at; before = at, at = at->next_waiting) {
        if (at != call)
            continue;
        if (before)
            before->next_waiting = call->next_waiting;
        else
            tool->first_waiting = call->next_waiting;
        if (tool->last_waiting == call)
            tool->last_waiting = before;
        tool->waiting--;
        call->dispatcher->waiting--;
        return;
    }
}
