#include "core/session/commands.h"

#include <string.h>

#include "core/base/str.h"
#include "core/json/writer.h"
#include "core/session/parts.h"

void session_emit_clear(struct session_emit *emit)
{
    buffer_clear(&emit->data);
    buffer_clear(&emit->answer);
}

/* ---- checks ---- */

int session_check_version(const struct session *s, struct json arguments, struct error *err)
{
    int64_t expected;
    if (!json_int64(json_get(arguments, STR("expectedVersion")), &expected) ||
        (expected >= 0 && (uint64_t)expected == s->version))
        return ST_OK;
    return error_set(err, ST_BUSY,
                     "session %.*s is at version %llu, not at %lld; look at what was added and try "
                     "again",
                     STR_ARG(buffer_str(&s->id)), (unsigned long long)s->version,
                     (long long)expected);
}

static int check_room(const struct session *s, const struct session_world *world, size_t more,
                      struct error *err)
{
    const struct session_limits *limits = &s->limits;
    struct str id = buffer_str(&s->id);
    if (limits->max_operations && s->version >= limits->max_operations)
        return error_set(err, ST_TOO_LARGE,
                         "session %.*s has %llu events, and more are not allowed; begin another "
                         "(setting sessions.max_operations)",
                         STR_ARG(id), (unsigned long long)s->version);
    if (limits->max_bytes && s->bytes + more > limits->max_bytes)
        return error_set(err, ST_TOO_LARGE,
                         "session %.*s has %llu bytes, and %llu are allowed; begin another (setting "
                         "sessions.max_bytes)",
                         STR_ARG(id), (unsigned long long)s->bytes,
                         (unsigned long long)limits->max_bytes);
    if (limits->max_duration_ms &&
        world->wall_ms - s->created_ms > (int64_t)limits->max_duration_ms)
        return error_set(err, ST_TIMEOUT,
                         "session %.*s is older than is allowed for adding to it; fork it or begin "
                         "another (setting sessions.max_duration)",
                         STR_ARG(id));
    return ST_OK;
}

static int check_active(const struct session *s, struct error *err)
{
    struct str id = buffer_str(&s->id);
    if (s->status == SESSION_ACTIVE)
        return ST_OK;
    if (s->status == SESSION_SUSPENDED)
        return error_set(err, ST_INVALID, "session %.*s is suspended; resume it first",
                         STR_ARG(id));
    return error_set(err, ST_INVALID,
                     "session %.*s is %s: nothing can be added to it; fork it to go on", STR_ARG(id),
                     session_status_name(s->status));
}

static int check(const struct session *s, struct json arguments, const struct session_world *world,
                 struct error *err)
{
    int rc = session_check_version(s, arguments, err);
    if (!rc)
        rc = check_active(s, err);
    return rc ? rc : check_room(s, world, json_text(arguments).len, err);
}

/* ---- writing ---- */

static struct json_writer begin(struct session_emit *out, const char *type)
{
    struct json_writer w = json_writer(&out->data);
    out->type = type;
    json_begin_object(&w);
    return w;
}

static int finish(struct json_writer *w, const struct session_emit *out, struct error *err)
{
    json_end_object(w);
    if (buffer_failed(&out->data) || buffer_failed(&out->answer))
        return error_set(err, ST_NOMEM, "out of memory");
    if (out->data.len > SESSION_DATA_MAX)
        return error_set(err, ST_TOO_LARGE,
                         "this takes %zu bytes, and one event of a session may have %u; store it as an "
                         "artifact and refer to it",
                         out->data.len, (unsigned)SESSION_DATA_MAX);
    return ST_OK;
}

/* The members of these names as they came. */
static void copy_members(struct json_writer *w, struct json arguments, const char *const *names)
{
    for (; *names; names++) {
        struct json value = json_get(arguments, str_from(*names));
        if (json_exists(value))
            json_put_raw(w, str_from(*names), json_text(value));
    }
}

/* The same, without secrets. *redacted: there were some. */
static int put_redacted(struct json_writer *w, struct str key, struct json value,
                        const struct session_world *world, bool *redacted, struct error *err)
{
    *redacted = false;
    if (!world->redact) {
        json_put_raw(w, key, json_text(value));
        return ST_OK;
    }
    struct buffer clean = BUFFER_INIT;
    int rc = world->redact(world->redact_ctx, value, &clean, redacted, err);
    if (!rc) {
        json_put_raw(w, key, *redacted ? buffer_str(&clean) : json_text(value));
        if (*redacted)
            json_put_bool(w, STR("redacted"), true);
    }
    buffer_clear(&clean);
    return rc;
}

static void answer_id(struct session_emit *out, const char *name, struct str id)
{
    json_quote(&out->answer, str_from(name));
    buffer_add_char(&out->answer, ':');
    json_quote(&out->answer, id);
}

/* ---- what begins ---- */

static void put_count(struct json_writer *w, struct str name, uint64_t count)
{
    json_key(w, name);
    json_write_u64(w, count);
}

void session_put_config(struct json_writer *w, const struct session_limits *limits)
{
    json_key(w, STR("config"));
    json_begin_object(w);
    put_count(w, STR("maxOperations"), limits->max_operations);
    put_count(w, STR("maxBytes"), limits->max_bytes);
    put_count(w, STR("maxArtifacts"), limits->max_artifacts);
    put_count(w, STR("maxDurationMs"), limits->max_duration_ms);
    put_count(w, STR("retentionMs"), limits->retention_ms);
    json_end_object(w);
}

int session_create(const struct session *s, struct json arguments,
                   const struct session_world *world, struct session_emit *out, struct error *err)
{
    static const char *const members[] = {"agent", "title", "description", "tags", NULL};
    if (s->status != SESSION_NONE)
        return error_set(err, ST_BUSY, "there is a session %.*s already",
                         STR_ARG(buffer_str(&s->id)));
    struct json_writer w = begin(out, "SessionCreated");
    copy_members(&w, arguments, members);
    session_put_config(&w, &world->defaults);
    return finish(&w, out, err);
}

/* ---- messages ---- */

/* Words of a text are about four bytes a token. */
static uint64_t tokens_of(struct str parts)
{
    return (parts.len + 3) / 4;
}

static void put_parts(struct json_writer *w, struct json arguments)
{
    struct json parts = json_get(arguments, STR("parts"));
    struct json text = json_get(arguments, STR("text"));
    if (json_exists(parts)) {
        json_put_raw(w, STR("parts"), json_text(parts));
        return;
    }
    json_key(w, STR("parts"));
    json_begin_array(w);
    if (json_exists(text)) {
        json_begin_object(w);
        json_put_string(w, STR("type"), STR("text"));
        json_put_raw(w, STR("text"), json_text(text));
        json_end_object(w);
    }
    json_end_array(w);
}

static struct str content_of(struct json arguments)
{
    struct json parts = json_get(arguments, STR("parts"));
    return json_text(json_exists(parts) ? parts : json_get(arguments, STR("text")));
}

int session_send(const struct session *s, struct json arguments, const struct session_world *world,
                 struct session_emit *out, struct error *err)
{
    struct json role = json_get(arguments, STR("role"));
    struct str content = content_of(arguments);
    int rc = check(s, arguments, world, err);
    if (rc)
        return rc;
    if (content.len == 0)
        return error_set(err, ST_INVALID, "session.send: give \"text\" or \"parts\"");
    struct json_writer w = begin(out, "MessageSent");
    json_put_string(&w, STR("messageId"), world->id);
    json_put_raw(&w, STR("role"), json_exists(role) ? json_text(role) : STR("\"user\""));
    put_parts(&w, arguments);
    put_count(&w, STR("bytes"), content.len);
    put_count(&w, STR("tokensEstimated"), tokens_of(content));
    answer_id(out, "messageId", world->id);
    return finish(&w, out, err);
}

static void put_usage(struct json_writer *w, struct json arguments)
{
    static const char *const members[] = {"in", "cachedIn", "out", "reasoning", NULL};
    json_key(w, STR("usage"));
    json_begin_object(w);
    copy_members(w, json_get(arguments, STR("usage")), members);
    json_end_object(w);
}

int session_respond(const struct session *s, struct json arguments,
                    const struct session_world *world, struct session_emit *out, struct error *err)
{
    static const char *const about[] = {"requestId", "provider", "model", NULL};
    static const char *const failed[] = {"error", NULL};
    static const char *const ended[] = {"finish", "costUsd", "ms", "thinking", NULL};
    bool failure = json_exists(json_get(arguments, STR("error")));
    int rc = check(s, arguments, world, err);
    if (rc)
        return rc;
    struct json_writer w = begin(out, failure ? "ResponseFailed" : "ResponseReceived");
    json_put_string(&w, STR("messageId"), world->id);
    copy_members(&w, arguments, about);
    if (s->agent.len)
        json_put_string(&w, STR("agent"), buffer_str(&s->agent));
    if (failure) {
        copy_members(&w, arguments, failed);
    } else {
        put_parts(&w, arguments);
        copy_members(&w, arguments, ended);
        put_usage(&w, arguments);
    }
    answer_id(out, "messageId", world->id);
    return finish(&w, out, err);
}

int session_optimize(const struct session *s, struct json arguments,
                     const struct session_world *world, struct session_emit *out, struct error *err)
{
    static const char *const members[] = {"strategy", "beforeTokens", "afterTokens", "kept",
                                          "dropped",  "summaryRef",   NULL};
    int rc = check(s, arguments, world, err);
    if (rc)
        return rc;
    struct json_writer w = begin(out, "ContextOptimized");
    copy_members(&w, arguments, members);
    return finish(&w, out, err);
}

/* ---- calls ---- */

int session_call_begin(const struct session *s, struct json arguments,
                       const struct session_world *world, struct session_emit *out,
                       struct error *err)
{
    static const char *const members[] = {"resumed", NULL};
    struct json action = json_get(arguments, STR("action"));
    struct json given = json_get(arguments, STR("arguments"));
    bool redacted;
    int rc = check(s, arguments, world, err);
    if (rc)
        return rc;
    if (s->open_count >= SESSION_OPEN_CALLS_MAX)
        return error_set(err, ST_TOO_LARGE,
                         "session %.*s has %u calls that have not ended, and more are not allowed",
                         STR_ARG(buffer_str(&s->id)), SESSION_OPEN_CALLS_MAX);
    if (session_open_call(s, world->id))
        return error_set(err, ST_BUSY, "session %.*s has an open call %.*s already",
                         STR_ARG(buffer_str(&s->id)), STR_ARG(world->id));
    struct json_writer w = begin(out, "ToolCalled");
    json_put_string(&w, STR("callId"), world->id);
    json_put_raw(&w, STR("action"), json_exists(action) ? json_text(action) : STR("\"call\""));
    copy_members(&w, arguments, members);
    json_put_raw(&w, STR("target"), json_text(json_get(arguments, STR("target"))));
    if (json_exists(given))
        rc = put_redacted(&w, STR("arguments"), given, world, &redacted, err);
    else
        json_put_raw(&w, STR("arguments"), STR("{}"));
    if (rc)
        return rc;
    answer_id(out, "callId", world->id);
    return finish(&w, out, err);
}

static const struct session_call *find_call(const struct session *s, struct json id,
                                            struct error *err)
{
    struct buffer scratch = BUFFER_INIT;
    struct str text = {NULL, 0};
    json_string(id, &scratch, &text);
    const struct session_call *call = session_open_call(s, text);
    if (!call)
        error_set(err, ST_NOT_FOUND, "session %.*s has no open call %.*s",
                  STR_ARG(buffer_str(&s->id)), STR_ARG(text));
    buffer_clear(&scratch);
    return call;
}

static int check_artifacts(const struct session *s, struct error *err)
{
    if (!s->limits.max_artifacts || s->artifacts < s->limits.max_artifacts)
        return ST_OK;
    return error_set(err, ST_TOO_LARGE,
                     "session %.*s refers to %llu artifacts, and more are not allowed (setting "
                     "sessions.max_artifacts)",
                     STR_ARG(buffer_str(&s->id)), (unsigned long long)s->artifacts);
}

int session_attach(const struct session *s, struct json arguments, const struct session_world *world,
                   struct session_emit *out, struct error *err)
{
    static const char *const members[] = {"artifact", NULL};
    int rc = check(s, arguments, world, err);
    if (!rc)
        rc = check_artifacts(s, err);
    if (rc)
        return rc;
    struct json_writer w = begin(out, "ArtifactAttached");
    copy_members(&w, arguments, members);
    return finish(&w, out, err);
}

/* Also in a session that was closed meanwhile: what was begun has an end. */
int session_call_end(const struct session *s, struct json arguments,
                     const struct session_world *world, struct session_emit *out, struct error *err)
{
    static const char *const members[] = {"end",   "error",   "ms",       "resultRef",
                                          "bytes", "omitted", "redacted", NULL};
    static const char *const digest[] = {"digest", NULL};
    struct json id = json_get(arguments, STR("callId"));
    struct json result = json_get(arguments, STR("result"));
    const struct session_call *call = find_call(s, id, err);
    if (!call)
        return err->code;
    if (json_exists(json_get(arguments, STR("resultRef"))) && check_artifacts(s, err))
        return err->code;
    struct json_writer w = begin(out, "ToolReturned");
    json_put_raw(&w, STR("callId"), json_text(id));
    json_put_string(&w, STR("action"), str_from(call->action));
    json_put_string(&w, STR("target"), str_from(call->target));
    put_count(&w, STR("after"), s->version + 1 - call->version);
    copy_members(&w, arguments, members);
    bool redacted = json_exists(json_get(arguments, STR("redacted")));
    int rc = ST_OK;
    if (json_exists(result))
        rc = put_redacted(&w, STR("result"), result, world, &redacted, err);
    /* A digest would let others try what was blotted out. */
    if (!redacted)
        copy_members(&w, arguments, digest);
    return rc ? rc : finish(&w, out, err);
}

/* ---- the session itself ---- */

int session_tag(const struct session *s, struct json arguments, const struct session_world *world,
                struct session_emit *out, struct error *err)
{
    struct json add = json_get(arguments, STR("add"));
    struct json remove = json_get(arguments, STR("remove"));
    int rc = session_check_version(s, arguments, err);
    (void)world;
    if (rc)
        return rc;
    if (s->tag_count + json_count(add) > SESSION_TAGS_MAX)
        return error_set(err, ST_TOO_LARGE, "session %.*s has %zu tags, and %u are allowed",
                         STR_ARG(buffer_str(&s->id)), s->tag_count, SESSION_TAGS_MAX);
    if (json_count(add) + json_count(remove) == 0)
        return error_set(err, ST_INVALID, "session.tag: give \"add\" or \"remove\"");
    struct json_writer w = begin(out, "SessionTagged");
    json_put_raw(&w, STR("added"), json_exists(add) ? json_text(add) : STR("[]"));
    json_put_raw(&w, STR("removed"), json_exists(remove) ? json_text(remove) : STR("[]"));
    return finish(&w, out, err);
}

int session_rename(const struct session *s, struct json arguments,
                   const struct session_world *world, struct session_emit *out, struct error *err)
{
    static const char *const members[] = {"title", "description", NULL};
    int rc = session_check_version(s, arguments, err);
    (void)world;
    if (rc)
        return rc;
    struct json_writer w = begin(out, "SessionRenamed");
    copy_members(&w, arguments, members);
    return finish(&w, out, err);
}

static int change_status(const struct session *s, struct json arguments, const char *type,
                         struct session_emit *out, struct error *err)
{
    static const char *const members[] = {"status", "reason", NULL};
    int rc = session_check_version(s, arguments, err);
    if (rc)
        return rc;
    struct json_writer w = begin(out, type);
    copy_members(&w, arguments, members);
    return finish(&w, out, err);
}

int session_suspend(const struct session *s, struct json arguments,
                    const struct session_world *world, struct session_emit *out, struct error *err)
{
    int rc = s->status == SESSION_SUSPENDED ? ST_OK : check_active(s, err);
    (void)world;
    if (rc || s->status == SESSION_SUSPENDED)
        return rc;
    return change_status(s, arguments, "SessionSuspended", out, err);
}

int session_resume(const struct session *s, struct json arguments,
                   const struct session_world *world, struct session_emit *out, struct error *err)
{
    (void)world;
    if (s->status == SESSION_SUSPENDED)
        return change_status(s, arguments, "SessionResumed", out, err);
    return check_active(s, err);
}

int session_close(const struct session *s, struct json arguments, const struct session_world *world,
                  struct session_emit *out, struct error *err)
{
    struct json status = json_get(arguments, STR("status"));
    bool archive = json_is(status, STR("archived"));
    (void)world;
    if (s->status == SESSION_ARCHIVED ||
        (!archive && s->status != SESSION_ACTIVE && s->status != SESSION_SUSPENDED))
        return error_set(err, ST_INVALID, "session %.*s is %s already",
                         STR_ARG(buffer_str(&s->id)), session_status_name(s->status));
    int rc = session_check_version(s, arguments, err);
    if (rc)
        return rc;
    struct json_writer w = begin(out, "SessionClosed");
    struct json reason = json_get(arguments, STR("reason"));
    json_put_raw(&w, STR("status"), json_exists(status) ? json_text(status) : STR("\"completed\""));
    if (json_exists(reason))
        json_put_raw(&w, STR("reason"), json_text(reason));
    return finish(&w, out, err);
}

int session_erase(const struct session *s, struct json arguments, const struct session_world *world,
                  struct session_emit *out, struct error *err)
{
    (void)world;
    return change_status(s, arguments, "SessionErased", out, err);
}
