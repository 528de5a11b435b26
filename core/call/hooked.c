/* Hooks on the way in: after the arguments were checked and before the call gets a slot. */
#include <stdlib.h>

#include "core/call/call.h"

static enum hook_point point_before(const struct call *call)
{
    return call->request.action == ACTION_CALL   ? HOOK_BEFORE_TOOL_EXECUTION
           : call->request.action == ACTION_READ ? HOOK_BEFORE_RESOURCE_READ
                                                 : HOOK_BEFORE_PROMPT;
}

static void refuse(struct call *call, const struct hook_outcome *outcome)
{
    char subject[CALL_SUBJECT_SIZE];
    struct error err;
    error_set(&err, ST_DENIED, "%s was not run: %.*s (hook \"%.*s\")", call_subject(call, subject),
              STR_ARG(outcome->reason), STR_ARG(outcome->hook));
    call_end_error(call, &err);
}

static int take_arguments(struct call *call, const struct hook_outcome *outcome, struct error *err)
{
    struct str text = outcome->changed[CALL_ARGUMENTS];
    struct buffer copy = BUFFER_INIT;
    size_t len;
    if (text.len == 0)
        return ST_OK;
    buffer_add_str(&copy, text);
    char *own = buffer_take(&copy, &len);
    struct json_doc *doc = NULL;
    int rc = own ? json_parse_take(own, len, &doc, err)
                 : error_set(err, ST_NOMEM, "out of memory");
    if (!rc && json_type(json_root(doc)) != JSON_OBJECT)
        rc = error_set(err, ST_PROTOCOL, "a hook made arguments that are no object");
    if (rc) {
        json_free(doc);
        return rc;
    }
    json_free(call->hooks.arguments);
    call->hooks.arguments = doc;
    call->request.arguments = json_root(doc);
    return ST_OK;
}

/* The other item takes the place of the one that was asked for. */
static int change_item(struct call *call, struct str target, const struct item **item,
                       struct error *err)
{
    struct dispatcher *d = call->dispatcher;
    struct call_request probe = call->request;
    struct buffer unused = BUFFER_INIT;
    probe.target = target;
    int rc = call_find_target(d, &probe, item, &unused, err);
    buffer_clear(&unused);
    if (!rc && (*item)->level > call->item->definition->level)
        rc = error_set(err, ST_DENIED, "\"%.*s\" has more rights than \"%.*s\"",
                       STR_ARG((*item)->name), STR_ARG(call->request.target));
    if (!rc)
        rc = policy_may_call(&d->parts.policy, &call->request.context, *item, err);
    return rc;
}

static int redirect(struct call *call, struct str target, struct error *err)
{
    struct dispatcher *d = call->dispatcher;
    const struct item *item = NULL;
    if (++call->hooks.redirects > HOOK_REDIRECTS_MAX)
        return error_set(err, ST_DENIED, "it was redirected more than %d times", HOOK_REDIRECTS_MAX);
    int rc = change_item(call, target, &item, err);
    if (rc)
        return rc;
    struct item_state *state = item_state_of(d, item);
    if (!state)
        return error_set(err, ST_NOMEM, "out of memory");
    registry_ref(item);
    registry_unref(call->item->definition);
    call->item = state;
    call->request.target = item->name;
    return item_compile(d, state, err);
}

/* The tool or its arguments are others now. */
static void check_anew(struct call *call)
{
    struct error err;
    if (call_rename_arguments(call, &err)) {
        call_refuse_arguments(call, &err);
        return;
    }
    call_look_at_paths(call);
    call_check_arguments(call);
}

static void redirect_or_fail(struct call *call, const struct hook_outcome *outcome)
{
    char subject[CALL_SUBJECT_SIZE];
    struct error err;
    call_subject(call, subject);
    if (redirect(call, outcome->target, &err)) {
        error_prefix(&err, "%s cannot be redirected by the hook \"%.*s\": ", subject,
                     STR_ARG(outcome->hook));
        call_end_error(call, &err);
        return;
    }
    call->hooks.phase = PHASE_NEW;
    call->hooks.ttl_ms = 0;
    check_anew(call);
}

/* True if the call has ended with a result that was kept. */
static bool use_kept(struct call *call, const struct hook_outcome *outcome)
{
    struct hooks *hooks = call->dispatcher->parts.hooks;
    struct buffer kept = BUFFER_INIT;
    if (!outcome->cache_ttl_ms)
        return false;
    struct hook_event event = call_hook_event(call, point_before(call), STAGE_BEFORE);
    bool found = hooks_cache_get(hooks, &event, outcome->cache_key, &kept);
    if (found) {
        call_replace(call, outcome->hook, buffer_str(&kept));
    } else {
        buffer_reset(&call->hooks.key, SIZE_MAX);
        buffer_add_str(&call->hooks.key, outcome->cache_key);
        call->hooks.ttl_ms = buffer_failed(&call->hooks.key) ? 0 : outcome->cache_ttl_ms;
    }
    buffer_clear(&kept);
    return found;
}

static void agreed(void *arg, const struct hook_outcome *outcome)
{
    struct call *call = arg;
    struct error err;
    call->hooks.run = 0;
    call->hooks.phase = PHASE_AGREED;
    if (outcome->forks.len)
        call_fork(call, outcome->forks);
    if (take_arguments(call, outcome, &err))
        call_end_error(call, &err);
    else if (outcome->end == HOOK_CANCEL)
        refuse(call, outcome);
    else if (outcome->end == HOOK_REPLACE)
        call_replace(call, outcome->hook, outcome->value);
    else if (outcome->end == HOOK_REDIRECT)
        redirect_or_fail(call, outcome);
    else if (use_kept(call, outcome))
        return;
    else if (outcome->changed[CALL_ARGUMENTS].len) {
        check_anew(call);
    } else {
        call_proceed(call);
    }
}

static void validated(void *arg, const struct hook_outcome *outcome)
{
    struct call *call = arg;
    call->hooks.run = 0;
    call->hooks.phase = PHASE_VALIDATED;
    if (outcome->end == HOOK_CANCEL)
        refuse(call, outcome);
    else
        call_proceed(call);
}

static void ask(struct call *call, enum hook_point point, hooks_done_fn *done)
{
    struct hook_event event = call_hook_event(call, point, STAGE_BEFORE);
    call->state = CALL_HOOKED;
    uint64_t run = hooks_run(call->dispatcher->parts.hooks, &event, done);
    if (!run)
        return; /* done() was called, and the call may be gone */
    call->hooks.run = run;
    deadline_watch(call);
}

bool call_ask_before(struct call *call)
{
    const struct hooks *hooks = call->dispatcher->parts.hooks;
    if (call->hooks.phase == PHASE_AGREED || call->request.action == ACTION_COMPLETE)
        return false;
    if (call->hooks.phase == PHASE_NEW && call->request.action == ACTION_CALL &&
        hooks_any(hooks, HOOK_TOOL_VALIDATION)) {
        ask(call, HOOK_TOOL_VALIDATION, validated);
        return true;
    }
    if (!hooks_any(hooks, point_before(call)))
        return false;
    ask(call, point_before(call), agreed);
    return true;
}
