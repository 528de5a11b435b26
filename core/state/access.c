#include "core/state/access.h"

#include <stdlib.h>

#include "core/json/pointer.h"

enum { ACTION, SCOPE, KIND, ID, KEY, CLASS, VALUE, KEYS, VERSION, REMOVED, MEMBERS };

#define ABOUT \
    {"action", false}, {"scope", false}, {"kind", false}, {"id", false}, {"key", false}, \
        {"class", false}
#define AT_END {"keys", false}, {"version", false}, {"removed", false}

static const struct hook_member open_members[MEMBERS] = {ABOUT, {"value", true}, AT_END};
static const struct hook_member fixed_members[MEMBERS] = {ABOUT, {"value", false}, AT_END};

void access_free(struct access *a)
{
    const struct timer_port *timers = a->operations->parts.timers;
    *a->at = a->next;
    if (a->next)
        a->next->at = a->at;
    if (a->timer)
        timers->free(timers->ctx, a->timer);
    json_free(a->doc);
    json_free(a->answer_doc);
    buffer_clear(&a->changed);
    buffer_clear(&a->answer);
    buffer_clear(&a->key_text);
    place_text_clear(&a->texts);
    free(a);
}

void access_free_all(struct state_operations *s)
{
    while (s->accesses) {
        hooks_stop(s->parts.hooks, s->accesses->hooks);
        access_free(s->accesses);
    }
}

void access_fail(struct access *a, const struct error *err)
{
    const struct error copy = *err;
    struct operation_call *call = a->call;
    access_free(a);
    operation_fail(call, &copy);
}

static void fail_memory(struct access *a)
{
    struct error err;
    error_set(&err, ST_NOMEM, "out of memory");
    access_fail(a, &err);
}

static void end(struct access *a)
{
    struct operation_call *call = a->call;
    struct buffer answer = a->answer;
    a->answer = (struct buffer)BUFFER_INIT;
    access_free(a);
    call_answer(call, &answer);
}

/* ---- what hooks see ----------------------------------------------------------------------------- */

static bool put_text(struct buffer *out, struct str text)
{
    if (text.len)
        json_quote(out, text);
    return text.len > 0;
}

static bool put_json(struct buffer *out, struct json value)
{
    buffer_add_str(out, json_text(value));
    return json_exists(value);
}

static struct json answer_of(const struct access *a)
{
    return a->answer_doc ? json_root(a->answer_doc) : json_none();
}

static bool put_value(const struct access *a, struct buffer *out)
{
    return !a->sensitive && put_json(out, a->answer_doc ? json_get(answer_of(a), STR("value"))
                                                        : a->value);
}

static bool put_keys(const struct access *a, struct buffer *out)
{
    struct json entries = json_get(answer_of(a), STR("entries"));
    struct json_writer w = json_writer(out);
    struct json_iter it = json_iter(entries);
    if (!json_exists(entries))
        return false;
    json_begin_array(&w);
    while (json_next(&it))
        json_write_raw(&w, json_text(json_get(it.value, STR("key"))));
    json_end_array(&w);
    return true;
}

static bool read_member(void *arg, uint32_t member, struct buffer *out)
{
    const struct access *a = arg;
    switch (member) {
    case ACTION:
        return put_text(out, str_from(a->action));
    case SCOPE:
        return put_text(out, state_scope_name(a->place.scope));
    case KIND:
        return put_text(out, a->place.kind);
    case ID:
        return put_text(out, a->place.id);
    case KEY:
        return put_text(out, a->key);
    case CLASS:
        return put_json(out, json_get(a->answer_doc ? answer_of(a) : operation_arguments(a->call),
                                      STR("class")));
    case VALUE:
        return put_value(a, out);
    case KEYS:
        return put_keys(a, out);
    case VERSION:
        buffer_add_u64(out, a->version);
        return a->version > 0;
    default:
        buffer_add_str(out, STR("true"));
        return a->removed;
    }
}

static struct hook_event event_of(struct access *a, enum hook_point point, bool open)
{
    return (struct hook_event){
        .point = point,
        .target = a->key,
        .context = operation_context(a->call),
        .members = open && !a->sensitive ? open_members : fixed_members,
        .count = MEMBERS,
        .read = read_member,
        .arg = a,
    };
}

static void run(struct access *a, enum hook_point point, bool open, hooks_done_fn *done)
{
    const struct hook_event event = event_of(a, point, open);
    uint64_t id = hooks_run(a->operations->parts.hooks, &event, done);
    if (id) /* else the access may be gone */
        a->hooks = id;
}

/* ---- before ------------------------------------------------------------------------------------- */

static void refuse(struct access *a, const struct hook_outcome *outcome)
{
    struct error err;
    error_set(&err, ST_DENIED, "state.%s of \"%.*s\" was not done: %.*s (hook \"%.*s\")", a->action,
              (int)(a->key.len > 100 ? 100 : a->key.len), a->key.len ? a->key.ptr : "",
              STR_ARG(outcome->reason), STR_ARG(outcome->hook));
    access_fail(a, &err);
}

static int take_value(struct access *a, struct str text, struct error *err)
{
    buffer_reset(&a->changed, SIZE_MAX);
    buffer_add_str(&a->changed, text);
    if (buffer_failed(&a->changed))
        return error_set(err, ST_NOMEM, "out of memory");
    int rc = json_parse(buffer_str(&a->changed), &a->doc, err);
    if (!rc)
        a->value = json_root(a->doc);
    return rc;
}

/* The value of a hook stands for the one that would have been read. */
static void replace(struct access *a, const struct hook_outcome *outcome)
{
    struct buffer out = BUFFER_INIT;
    struct json_writer w = json_writer(&out);
    struct error err;
    if (!str_eq(str_from(a->action), STR("get"))) {
        error_set(&err, ST_PROTOCOL,
                  "state.%s was not done: the hook \"%.*s\" replaces it, and only state.get can be "
                  "replaced",
                  a->action, STR_ARG(outcome->hook));
        access_fail(a, &err);
        return;
    }
    json_begin_object(&w);
    json_put_string(&w, STR("key"), a->key);
    json_put_raw(&w, STR("value"), outcome->value);
    json_put_i64(&w, STR("version"), 0);
    json_put_i64(&w, STR("bytes"), (int64_t)outcome->value.len);
    json_end_object(&w);
    access_answer(a, &out);
}

static void before_done(void *arg, const struct hook_outcome *outcome)
{
    struct access *a = arg;
    struct error err;
    a->hooks = 0;
    if (outcome->end == HOOK_CANCEL)
        refuse(a, outcome);
    else if (outcome->end == HOOK_REPLACE)
        replace(a, outcome);
    else if (outcome->changed[VALUE].len && take_value(a, outcome->changed[VALUE], &err))
        access_fail(a, &err);
    else
        a->start(a);
}

static struct access *access_new(struct state_operations *s, struct operation_call *call)
{
    struct access *a = calloc(1, sizeof(*a));
    if (!a)
        return NULL;
    a->operations = s;
    a->call = call;
    a->next = s->accesses;
    a->at = &s->accesses;
    if (a->next)
        a->next->at = &a->next;
    s->accesses = a;
    return a;
}

void access_begin(struct state_operations *s, struct operation_call *call, enum hook_point before,
                  const char *action, const char *key, void (*start)(struct access *access))
{
    struct json arguments = operation_arguments(call);
    struct access *a = access_new(s, call);
    struct error err;
    if (!a) {
        error_set(&err, ST_NOMEM, "out of memory");
        operation_fail(call, &err);
        return;
    }
    a->action = action;
    a->before = before;
    a->start = start;
    a->key = call_text(arguments, str_from(key), &a->key_text);
    a->value = json_get(arguments, STR("value"));
    a->sensitive = json_is(json_get(arguments, STR("class")), STR("sensitive"));
    if (call_place(call, &a->texts, &a->place, &err))
        access_fail(a, &err);
    else if (hooks_any(s->parts.hooks, before))
        run(a, before, before == HOOK_BEFORE_STATE_WRITE && json_exists(a->value), before_done);
    else
        start(a);
}

/* ---- after -------------------------------------------------------------------------------------- */

static bool take_answer(struct access *a, struct buffer *text)
{
    buffer_clear(&a->answer);
    a->answer = *text;
    *text = (struct buffer)BUFFER_INIT;
    return !buffer_failed(&a->answer);
}

static void after_read(void *arg, const struct hook_outcome *outcome)
{
    struct access *a = arg;
    struct buffer out = BUFFER_INIT;
    struct str value = outcome->changed[VALUE];
    a->hooks = 0;
    if (outcome->end == HOOK_CANCEL) {
        refuse(a, outcome);
    } else if (value.len && !json_pointer_set(answer_of(a), STR("/value"), value, &out)) {
        buffer_clear(&out);
        fail_memory(a);
    } else {
        if (value.len)
            take_answer(a, &out);
        end(a);
    }
}

void access_answer(struct access *a, struct buffer *text)
{
    struct error err;
    if (!take_answer(a, text)) {
        fail_memory(a);
    } else if (!hooks_any(a->operations->parts.hooks, HOOK_AFTER_STATE_READ)) {
        end(a);
    } else if (json_parse(buffer_str(&a->answer), &a->answer_doc, &err)) {
        access_fail(a, &err);
    } else {
        int64_t version = 0;
        json_int64(json_get(answer_of(a), STR("version")), &version);
        a->version = (uint64_t)version;
        a->sensitive = json_is(json_get(answer_of(a), STR("class")), STR("sensitive"));
        run(a, HOOK_AFTER_STATE_READ, json_exists(json_get(answer_of(a), STR("value"))),
            after_read);
    }
}

static void again(void *arg)
{
    struct access *a = arg;
    a->start(a);
}

static bool wait_for_turn(struct access *a, uint32_t delay_ms)
{
    const struct timer_port *timers = a->operations->parts.timers;
    if (!a->timer)
        a->timer = timers->create(timers->ctx, again, a);
    if (a->timer)
        timers->set(timers->ctx, a->timer, delay_ms);
    return a->timer != NULL;
}

static void after_conflict(void *arg, const struct hook_outcome *outcome)
{
    struct access *a = arg;
    a->hooks = 0;
    bool retry = a->attempt + 1 < outcome->attempts && !operation_cancelled(a->call);
    a->attempt++;
    if (!retry || !wait_for_turn(a, outcome->delay_ms))
        end(a);
}

void access_changed(struct access *a, uint64_t version, bool removed, bool conflict,
                    struct buffer *text)
{
    struct hooks *hooks = a->operations->parts.hooks;
    if (!take_answer(a, text)) {
        fail_memory(a);
        return;
    }
    a->version = version;
    a->removed = removed;
    if (conflict && hooks_any(hooks, HOOK_STATE_CONFLICT)) {
        run(a, HOOK_STATE_CONFLICT, false, after_conflict);
        return;
    }
    if (!conflict && hooks_any(hooks, HOOK_AFTER_STATE_WRITE)) {
        const struct hook_event event = event_of(a, HOOK_AFTER_STATE_WRITE, false);
        hooks_tell(hooks, &event);
    }
    end(a);
}
