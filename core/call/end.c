#include <stdlib.h>

#include "core/call/call.h"
#include "core/json/writer.h"

/* What is left to do after done(): free the call, unless a worker or the plugin still uses it. */
static void after_done(struct call *call)
{
    struct dispatcher *d = call->dispatcher;
    switch (call->state) {
    case CALL_WAITING:
        call_forget(call);
        break;
    case CALL_HOOKED:
    case CALL_RESTING:
        call_forget(call);
        break;
    case CALL_RUNNING:
        call->state = CALL_GIVEN_UP;
        d->parts.runtime->abandon(d->parts.runtime->ctx, call->run_id);
        break;
    default: /* a worker looks at it and forgets it afterwards */
        break;
    }
}

static void report(struct call *call, const struct call_outcome *outcome)
{
    call->ended = true;
    /* done() may lead to a free slot, and this call must not take it any more. */
    if (call->state == CALL_WAITING)
        call_stop_waiting(call);
    call->request.observer->done(call->request.user, outcome);
}

void call_end_with(struct call *call, enum call_end end, struct json result)
{
    report(call, &(struct call_outcome){.end = end, .result = result});
    call_forget(call);
}

/* True if the code says that the server or the plugin is at fault, not the request. */
static bool is_failure(int code)
{
    return code == ST_GENERIC || code == ST_NOMEM || code == ST_PROTOCOL || code == ST_CONFIG;
}

static struct json_doc *error_result(struct str text)
{
    struct buffer out = BUFFER_INIT;
    struct json_writer w = json_writer(&out);
    json_begin_object(&w);
    json_key(&w, STR("content"));
    json_begin_array(&w);
    json_begin_object(&w);
    json_put_string(&w, STR("type"), STR("text"));
    json_put_string(&w, STR("text"), text);
    json_end_object(&w);
    json_end_array(&w);
    json_end_object(&w);
    size_t len;
    char *data = buffer_take(&out, &len);
    struct json_doc *doc = NULL;
    if (data && json_parse_take(data, len, &doc, NULL))
        return NULL;
    return doc;
}

static void report_error(struct call *call, const struct error *err)
{
    if (!call->hooks.told && call->request.action == ACTION_CALL)
        call_tell(call, HOOK_TOOL_ERROR, err);
    bool failed = is_failure(err->code) || call->request.action != ACTION_CALL;
    struct json_doc *doc = failed ? NULL : error_result(str_from(err->text));
    struct call_outcome outcome = {.end = doc ? CALL_TOOL_ERROR : CALL_FAILED, .error = err};
    if (doc)
        outcome.result = json_root(doc);
    report(call, &outcome);
    json_free(doc);
}

void call_end_error(struct call *call, const struct error *err)
{
    report_error(call, err);
    call_forget(call);
}

void call_give_up(struct call *call, const struct error *err)
{
    if (call->ended)
        return;
    report_error(call, err);
    after_done(call);
}

void call_cancel(struct call *call)
{
    if (call->ended)
        return;
    report(call, &(struct call_outcome){.end = CALL_CANCELLED});
    after_done(call);
}

void call_drop(struct call *call)
{
    const struct item *item = call->item->definition;
    hooks_stop(call->dispatcher->parts.hooks, call->hooks.run);
    json_free(call->hooks.arguments);
    json_free(call->hooks.held);
    buffer_clear(&call->hooks.key);
    buffer_clear(&call->hooks.by);
    json_free(call->variables);
    buffer_clear(&call->text);
    buffer_clear(&call->roots);
    json_free(call->state_doc);
    narrowed_grants_clear(&call->narrowed);
    call_table_remove(&call->dispatcher->table, call);
    registry_unref(item);
}

void call_forget(struct call *call)
{
    struct dispatcher *d = call->dispatcher;
    struct item_state *item = call->item;
    bool held_slot = call->holds_slot;
    void (*release)(void *) = call->request.release;
    void *hold = call->request.hold;
    registry_ref(item->definition);
    call_drop(call);
    if (release)
        release(hold);
    if (held_slot)
        call_release_slot(d, item);
    registry_unref(item->definition);
}
