#include "core/call/call.h"

static bool has_slot(const struct item_state *item)
{
    return item->active < item->definition->slots && item->plugin->active < item->plugin->slots;
}

static void take_slot(struct call *call)
{
    call->item->active++;
    call->item->plugin->active++;
    call->holds_slot = true;
}

static void wait_for_slot(struct call *call)
{
    struct item_state *item = call->item;
    call->state = CALL_WAITING;
    call->next_waiting = NULL;
    if (item->last_waiting)
        item->last_waiting->next_waiting = call;
    else
        item->first_waiting = call;
    item->last_waiting = call;
    item->waiting++;
    call->dispatcher->waiting++;
    deadline_watch(call);
}

void call_admit(struct call *call)
{
    struct item_state *item = call->item;
    if (!item->first_waiting && has_slot(item)) {
        take_slot(call);
        call_run(call);
    } else if (item->waiting < item->definition->queue) {
        wait_for_slot(call);
    } else {
        char subject[CALL_SUBJECT_SIZE];
        struct error err;
        error_set(&err, ST_BUSY,
                  "%s is busy: %u calls run and %u wait; try again later",
                  call_subject(call, subject), item->active, item->waiting);
        call_tell(call, HOOK_RESOURCE_LIMIT_EXCEEDED, &err);
        call_end_error(call, &err);
    }
}

static struct call *take_first_waiting(struct item_state *item)
{
    struct call *call = item->first_waiting;
    item->first_waiting = call->next_waiting;
    if (!item->first_waiting)
        item->last_waiting = NULL;
    item->waiting--;
    call->dispatcher->waiting--;
    return call;
}

static struct item_state *next_ready(struct item_state *first)
{
    if (first->first_waiting && has_slot(first))
        return first;
    for (struct item_state *item = first->plugin->items; item; item = item->next)
        if (item->first_waiting && has_slot(item))
            return item;
    return NULL;
}

/* Starts what waits for this plugin, the item that gave a slot back first. An inline call ends at
 * once and comes here again: the loop that is already running goes on for it. */
static void start_waiting(struct dispatcher *d, struct item_state *first)
{
    struct plugin_state *plugin = first->plugin;
    if (plugin->starting)
        return;
    plugin->starting = true;
    struct item_state *ready;
    while (d->waiting && (ready = next_ready(first))) {
        struct call *call = take_first_waiting(ready);
        take_slot(call);
        call_run(call);
    }
    plugin->starting = false;
}

void call_release_slot(struct dispatcher *d, struct item_state *item)
{
    item->active--;
    item->plugin->active--;
    if (d->waiting)
        start_waiting(d, item);
}

void call_stop_waiting(struct call *call)
{
    struct item_state *item = call->item;
    struct call *before = NULL;
    for (struct call *at = item->first_waiting; at; before = at, at = at->next_waiting) {
        if (at != call)
            continue;
        if (before)
            before->next_waiting = call->next_waiting;
        else
            item->first_waiting = call->next_waiting;
        if (item->last_waiting == call)
            item->last_waiting = before;
        item->waiting--;
        call->dispatcher->waiting--;
        return;
    }
}
