/* Hooks on the way out: they look at results and failures, and may have the call tried again. */
#include <stdlib.h>

#include "core/call/call.h"

static enum hook_point point_after(const struct call *call)
{
    return call->request.action == ACTION_CALL   ? HOOK_AFTER_TOOL_EXECUTION
           : call->request.action == ACTION_READ ? HOOK_AFTER_RESOURCE_READ
                                                 : HOOK_AFTER_PROMPT;
}

static uint64_t now(const struct call *call)
{
    const struct clock_port *clock = call->dispatcher->parts.clock;
    return clock->monotonic_ns(clock->ctx);
}

/* True if the call rests now, to be tried again. */
static bool rest(struct call *call, const struct hook_outcome *outcome)
{
    uint64_t again_ns = now(call) + (uint64_t)outcome->delay_ms * 1000000u;
    if (call->hooks.attempt + 1 >= outcome->attempts || again_ns >= call->deadline_ns)
        return false;
    call->hooks.attempt++;
    call->hooks.again_ns = again_ns;
    call->hooks.told = false;
    call->state = CALL_RESTING;
    call_table_renew(&call->dispatcher->table, call);
    deadline_watch(call);
    if (call->holds_slot) {
        call->holds_slot = false;
        call_release_slot(call->dispatcher, call->item);
    }
    return true;
}

void call_again(struct call *call)
{
    call_admit(call);
}

/* ---- results ------------------------------------------------------------------------------------ */

/* Only what went well, and as the plugin gave it: hooks will look at it again. */
static void keep_result(struct call *call, const struct hook_outcome *outcome)
{
    struct hooks *hooks = call->dispatcher->parts.hooks;
    struct str key = buffer_str(&call->hooks.key);
    uint64_t ttl_ms = call->hooks.ttl_ms;
    if (!ttl_ms && outcome) {
        key = outcome->cache_key;
        ttl_ms = outcome->cache_ttl_ms;
    }
    if (!ttl_ms || call->result_outcome != RUN_RESULT || call->hooks.by.len)
        return;
    struct hook_event event = call_hook_event(call, point_after(call), STAGE_AFTER);
    hooks_cache_put(hooks, &event, key, ttl_ms, json_text(json_root(call->hooks.held)));
}

static void withhold(struct call *call, const struct hook_outcome *outcome)
{
    char subject[CALL_SUBJECT_SIZE];
    struct error err;
    error_set(&err, ST_DENIED, "the result of %s was kept back: %.*s (hook \"%.*s\")",
              call_subject(call, subject), STR_ARG(outcome->reason), STR_ARG(outcome->hook));
    call_end_error(call, &err);
}

static void name_hook(struct call *call, struct str hook)
{
    buffer_reset(&call->hooks.by, SIZE_MAX);
    buffer_add_str(&call->hooks.by, hook.len ? hook : STR("of this call"));
}

/* Ends the call with another result than the plugin's. */
static void deliver_other(struct call *call, struct str hook, struct str json)
{
    struct json_doc *doc;
    struct error err;
    name_hook(call, hook);
    if (call_read_result(call, json, &doc, &err))
        call_end_error(call, &err);
    else
        call_deliver(call, doc);
}

static void looked_at(void *arg, const struct hook_outcome *outcome)
{
    struct call *call = arg;
    struct json_doc *doc = call->hooks.held;
    struct str changed = outcome->changed[CALL_THE_RESULT];
    call->hooks.run = 0;
    if (outcome->forks.len)
        call_fork(call, outcome->forks);
    keep_result(call, outcome);
    if (outcome->end == HOOK_CONTINUE && call->result_outcome == RUN_TOOL_ERROR &&
        rest(call, outcome)) {
        call->hooks.held = NULL;
        json_free(doc);
        return;
    }
    if (outcome->end == HOOK_CANCEL) {
        withhold(call, outcome);
    } else if (outcome->end == HOOK_REPLACE) {
        call->result_outcome = RUN_RESULT;
        deliver_other(call, outcome->hook, outcome->value);
    } else if (changed.len) {
        deliver_other(call, outcome->hook, changed);
    } else {
        call->hooks.held = NULL;
        call_deliver(call, doc);
    }
}

bool call_ask_after(struct call *call, struct json_doc *doc)
{
    struct hooks *hooks = call->dispatcher->parts.hooks;
    if (!hooks || call->request.action == ACTION_COMPLETE ||
        call->result_outcome == RUN_INPUT_REQUIRED)
        return false;
    call->hooks.held = doc;
    if (!hooks_any(hooks, point_after(call))) {
        keep_result(call, NULL);
        call->hooks.held = NULL;
        return false;
    }
    struct hook_event event = call_hook_event(call, point_after(call), STAGE_AFTER);
    call->state = CALL_HOOKED;
    uint64_t run = hooks_run(hooks, &event, looked_at);
    if (run) {
        call->hooks.run = run;
        deadline_watch(call);
    }
    return true;
}

void call_replace(struct call *call, struct str by, struct str json)
{
    struct json_doc *doc;
    struct error err;
    name_hook(call, by);
    call->result_outcome = RUN_RESULT;
    if (call_read_result(call, json, &doc, &err))
        call_end_error(call, &err);
    else
        call_finish(call, doc);
}

/* ---- failures ----------------------------------------------------------------------------------- */

static void thought_over(void *arg, const struct hook_outcome *outcome)
{
    struct call *call = arg;
    call->hooks.run = 0;
    call->hooks.failure = NULL;
    if (outcome->forks.len)
        call_fork(call, outcome->forks);
    if (outcome->end == HOOK_REPLACE) {
        call_replace(call, outcome->hook, outcome->value);
    } else if (!rest(call, outcome)) {
        struct error err = call->check;
        call_end_error(call, &err);
    }
}

void call_fail(struct call *call, const struct error *err)
{
    struct hooks *hooks = call->dispatcher->parts.hooks;
    if (call->request.action != ACTION_CALL || !hooks_any(hooks, HOOK_TOOL_ERROR)) {
        call_end_error(call, err);
        return;
    }
    if (err != &call->check)
        call->check = *err;
    call->hooks.told = true;
    call->hooks.failure = &call->check;
    struct hook_event event = call_hook_event(call, HOOK_TOOL_ERROR, STAGE_FAILED);
    call->state = CALL_HOOKED;
    uint64_t run = hooks_run(hooks, &event, thought_over);
    if (run) {
        call->hooks.run = run;
        deadline_watch(call);
    }
}
