/* What a call may open: granted folders, less what the client's roots leave out.
 *
 * A client that has roots and has not told them is asked before the plugin runs, in the way in which
 * plugins ask for input. The state of such a call, which goes out and comes back, is then
 * {"roots": what the client told or null, "state": what the plugin gave}. */
#include "core/call/call.h"
#include "core/json/writer.h"

#define ASK_FOR_ROOTS "{\"requests\":{\"roots\":{\"method\":\"roots/list\"}},\"state\":{\"roots\":null}}"

static bool was_given(struct json arguments, struct json name)
{
    struct buffer scratch = BUFFER_INIT;
    struct str key;
    bool given = json_string(name, &scratch, &key) && json_exists(json_get(arguments, key));
    buffer_clear(&scratch);
    return given;
}

static bool opens_files(const struct call *call)
{
    const struct item_state *item = call->item;
    if (!item->path_arguments)
        return false;
    struct json_iter it = json_iter(json_root(item->path_arguments));
    while (json_next(&it))
        if (was_given(call->request.arguments, it.value))
            return true;
    return false;
}

static const struct path_grants *granted(const struct call *call)
{
    return policy_paths(&call->dispatcher->parts.policy, &call->request.context);
}

int call_keep_roots(struct call *call, struct error *err)
{
    struct client_roots *roots = &call->request.context.roots;
    call->opens_files = opens_files(call);
    if (granted(call)->count == 0)
        roots->state = ROOTS_NONE; /* they could take nothing away */
    /* Hooks may change the arguments when the request's text has gone. */
    bool wanted = call->opens_files ||
                  hooks_any(call->dispatcher->parts.hooks, HOOK_BEFORE_TOOL_EXECUTION);
    if (!wanted || roots->state != ROOTS_KNOWN)
        return ST_OK;
    buffer_add_str(&call->roots, roots->list);
    return buffer_failed(&call->roots) ? error_set(err, ST_NOMEM, "out of memory") : ST_OK;
}

/* The roots of the state, or those that the client answered with just now. */
static int take_roots(struct call *call, struct json state, struct error *err)
{
    struct json told = json_get(state, STR("roots"));
    struct json_doc *answers = NULL;
    if (json_type(told) != JSON_ARRAY && json_parse(call->request.answers, &answers, err) == ST_OK)
        told = json_get(json_get(json_root(answers), STR("roots")), STR("roots"));
    bool good = json_type(told) == JSON_ARRAY;
    if (good)
        buffer_add_str(&call->roots, json_text(told));
    json_free(answers);
    if (!good)
        return error_set(err, ST_PROTOCOL, "the client did not tell its roots");
    return buffer_failed(&call->roots) ? error_set(err, ST_NOMEM, "out of memory") : ST_OK;
}

/* Takes the roots out of the state, so that the plugin gets its own. */
static int unwrap_state(struct call *call, struct error *err)
{
    int rc = json_parse(call->request.state, &call->state_doc, err);
    if (rc)
        return rc;
    struct json state = json_root(call->state_doc);
    struct json own = json_get(state, STR("state"));
    if (call->roots.len == 0)
        rc = take_roots(call, state, err);
    call->request.resume = json_exists(own);
    call->request.state = json_text(own);
    return rc;
}

static int narrow(struct call *call, struct error *err)
{
    struct json_doc *roots;
    int rc = json_parse(buffer_str(&call->roots), &roots, err);
    if (rc)
        return rc;
    rc = path_grants_narrow(granted(call), json_root(roots), &call->narrowed, err);
    json_free(roots);
    call->paths = &call->narrowed.grants;
    return rc;
}

int call_grant_paths(struct call *call, struct json_doc **ask, struct error *err)
{
    enum roots_state state = call->request.context.roots.state;
    int rc = ST_OK;
    if (!call->opens_files)
        return ST_OK;
    call->paths = granted(call);
    if (state == ROOTS_NONE)
        return ST_OK;
    if (call->request.resume)
        rc = unwrap_state(call, err);
    else if (state == ROOTS_UNKNOWN)
        return json_parse(STR(ASK_FOR_ROOTS), ask, err);
    if (!rc && call->roots.len == 0)
        buffer_add_str(&call->roots, STR("[]"));
    return rc ? rc : narrow(call, err);
}

int call_wrap_state(const struct call *call, struct json_doc **doc, struct error *err)
{
    struct json result = json_root(*doc), state = json_get(result, STR("state"));
    struct buffer out = BUFFER_INIT;
    struct json_writer w = json_writer(&out);
    size_t len;
    if (!call->opens_files || call->request.context.roots.state == ROOTS_NONE)
        return ST_OK;
    json_begin_object(&w);
    if (json_exists(json_get(result, STR("requests"))))
        json_put_raw(&w, STR("requests"), json_text(json_get(result, STR("requests"))));
    json_key(&w, STR("state"));
    json_begin_object(&w);
    json_put_raw(&w, STR("roots"), buffer_str(&call->roots));
    json_put_raw(&w, STR("state"), json_exists(state) ? json_text(state) : STR("null"));
    json_end_object(&w);
    json_end_object(&w);
    char *text = buffer_take(&out, &len);
    struct json_doc *wrapped;
    if (!text)
        return error_set(err, ST_NOMEM, "out of memory");
    int rc = json_parse_take(text, len, &wrapped, err);
    if (rc)
        return rc;
    json_free(*doc);
    *doc = wrapped;
    return ST_OK;
}

void call_look_at_paths(struct call *call)
{
    call->opens_files = opens_files(call);
}
