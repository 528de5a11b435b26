#include <stdlib.h>
#include <string.h>

#include "core/base/str.h"
#include "core/session/parts.h"

static int wrong(const struct session *s, const struct session_event *event, const char *why,
                 struct error *err)
{
    return error_set(err, ST_INVALID, "event %llu (%.*s) of session %.*s cannot be: %s",
                     (unsigned long long)event->version, STR_ARG(event->type),
                     STR_ARG(buffer_str(&s->id)), why);
}

static int no_memory(struct error *err)
{
    return error_set(err, ST_NOMEM, "out of memory");
}

/* A missing member leaves the text as it is. */
static void take_text(struct buffer *into, struct json text)
{
    if (json_type(text) != JSON_STRING)
        return;
    buffer_reset(into, 256);
    json_decode(text, into);
}

static uint64_t number_of(struct json number)
{
    int64_t value;
    return json_int64(number, &value) && value > 0 ? (uint64_t)value : 0;
}

/* ---- tags and calls ---- */

static size_t tag_place(const struct session *s, struct str tag, bool *there)
{
    size_t i = 0;
    *there = false;
    while (i < s->tag_count && str_cmp(str_from(s->tags[i]), tag) < 0)
        i++;
    *there = i < s->tag_count && str_eq(str_from(s->tags[i]), tag);
    return i;
}

bool session_has_tag(const struct session *s, struct str tag)
{
    bool there;
    tag_place(s, tag, &there);
    return there;
}

static int add_tag(struct session *s, struct str tag, struct error *err)
{
    bool there;
    size_t at = tag_place(s, tag, &there);
    if (there)
        return ST_OK;
    char **tags = realloc(s->tags, (s->tag_count + 1) * sizeof(*tags));
    if (!tags)
        return no_memory(err);
    s->tags = tags;
    char *copy = session_text(tag);
    if (!copy)
        return no_memory(err);
    memmove(tags + at + 1, tags + at, (s->tag_count - at) * sizeof(*tags));
    tags[at] = copy;
    s->tag_count++;
    return ST_OK;
}

static void remove_tag(struct session *s, struct str tag)
{
    bool there;
    size_t at = tag_place(s, tag, &there);
    if (!there)
        return;
    free(s->tags[at]);
    s->tag_count--;
    memmove(s->tags + at, s->tags + at + 1, (s->tag_count - at) * sizeof(*s->tags));
}

static int each_tag(struct session *s, struct json tags, bool add, struct error *err)
{
    struct json_iter it = json_iter(tags);
    struct buffer scratch = BUFFER_INIT;
    struct str tag;
    int rc = ST_OK;
    while (!rc && json_next(&it)) {
        if (!json_string(it.value, &scratch, &tag))
            continue;
        if (add)
            rc = add_tag(s, tag, err);
        else
            remove_tag(s, tag);
        buffer_reset(&scratch, 256);
    }
    buffer_clear(&scratch);
    return rc;
}

const struct session_call *session_open_call(const struct session *s, struct str id)
{
    for (size_t i = 0; i < s->open_count; i++)
        if (str_eq(str_from(s->open_calls[i].id), id))
            return &s->open_calls[i];
    return NULL;
}

static void free_call(struct session_call *call)
{
    free(call->id);
    free(call->target);
    free(call->action);
}

static int open_call(struct session *s, const struct session_event *event, struct error *err)
{
    struct session_call *calls = realloc(s->open_calls, (s->open_count + 1) * sizeof(*calls));
    if (!calls)
        return no_memory(err);
    s->open_calls = calls;
    struct session_call call = {session_decoded(json_get(event->data, STR("callId"))),
                                session_decoded(json_get(event->data, STR("target"))),
                                session_decoded(json_get(event->data, STR("action"))),
                                event->version};
    if (!call.id || !call.target || !call.action) {
        free_call(&call);
        return no_memory(err);
    }
    calls[s->open_count++] = call;
    return ST_OK;
}

static bool close_call(struct session *s, struct str id)
{
    const struct session_call *call = session_open_call(s, id);
    if (!call)
        return false;
    size_t at = (size_t)(call - s->open_calls);
    free_call(&s->open_calls[at]);
    s->open_calls[at] = s->open_calls[--s->open_count];
    return true;
}

/* ---- the events ---- */

static void take_limits(struct session *s, const struct session_event *event)
{
    struct json config = json_get(event->data, STR("config"));
    s->limits = (struct session_limits){
        .max_operations = number_of(json_get(config, STR("maxOperations"))),
        .max_bytes = number_of(json_get(config, STR("maxBytes"))),
        .max_artifacts = number_of(json_get(config, STR("maxArtifacts"))),
        .max_duration_ms = number_of(json_get(config, STR("maxDurationMs"))),
        .retention_ms = number_of(json_get(config, STR("retentionMs"))),
    };
}

/* A copy has the limits of its own begin: what a file says counts for nothing. */
static int created(struct session *s, const struct session_event *event, struct error *err)
{
    take_text(&s->agent, json_get(event->data, STR("agent")));
    take_text(&s->title, json_get(event->data, STR("title")));
    take_text(&s->description, json_get(event->data, STR("description")));
    if (!event->copied)
        take_limits(s, event);
    s->status = SESSION_ACTIVE;
    return each_tag(s, json_get(event->data, STR("tags")), true, err);
}

static int forked(struct session *s, const struct session_event *event, struct error *err)
{
    (void)err;
    take_text(&s->parent, json_get(event->data, STR("parent")));
    s->parent_version = number_of(json_get(event->data, STR("version")));
    s->copies_left = number_of(json_get(event->data, STR("events")));
    take_limits(s, event);
    s->status = SESSION_ACTIVE;
    return ST_OK;
}

static int imported(struct session *s, const struct session_event *event, struct error *err)
{
    (void)err;
    s->copies_left = number_of(json_get(event->data, STR("events")));
    take_limits(s, event);
    s->status = SESSION_ACTIVE;
    return ST_OK;
}

static int message_sent(struct session *s, const struct session_event *event, struct error *err)
{
    (void)event;
    (void)err;
    s->messages++;
    return ST_OK;
}

static int response_received(struct session *s, const struct session_event *event,
                             struct error *err)
{
    struct json usage = json_get(event->data, STR("usage"));
    (void)err;
    s->messages++;
    if (event->copied)
        return ST_OK;
    s->usage.responses++;
    s->usage.in += number_of(json_get(usage, STR("in")));
    s->usage.cached_in += number_of(json_get(usage, STR("cachedIn")));
    s->usage.out += number_of(json_get(usage, STR("out")));
    s->usage.reasoning += number_of(json_get(usage, STR("reasoning")));
    s->usage.cost_nano_usd += session_nano_usd(json_get(event->data, STR("costUsd")));
    return ST_OK;
}

static int response_failed(struct session *s, const struct session_event *event, struct error *err)
{
    (void)err;
    s->usage.failures += event->copied ? 0 : 1;
    return ST_OK;
}

static int tool_called(struct session *s, const struct session_event *event, struct error *err)
{
    struct json id = json_get(event->data, STR("callId"));
    if (json_type(id) != JSON_STRING)
        return wrong(s, event, "it has no callId", err);
    s->calls++;
    return open_call(s, event, err);
}

static int tool_returned(struct session *s, const struct session_event *event, struct error *err)
{
    struct buffer scratch = BUFFER_INIT;
    struct str id;
    bool closed = json_string(json_get(event->data, STR("callId")), &scratch, &id) &&
                  close_call(s, id);
    buffer_clear(&scratch);
    if (!closed)
        return wrong(s, event, "no call of its callId is open", err);
    s->call_failures += json_is(json_get(event->data, STR("end")), STR("failed"));
    s->artifacts += json_exists(json_get(event->data, STR("resultRef")));
    return ST_OK;
}

static int context_optimized(struct session *s, const struct session_event *event,
                             struct error *err)
{
    (void)s;
    (void)event;
    (void)err;
    return ST_OK;
}

static int tagged(struct session *s, const struct session_event *event, struct error *err)
{
    each_tag(s, json_get(event->data, STR("removed")), false, err);
    return each_tag(s, json_get(event->data, STR("added")), true, err);
}

static int renamed(struct session *s, const struct session_event *event, struct error *err)
{
    (void)err;
    take_text(&s->title, json_get(event->data, STR("title")));
    take_text(&s->description, json_get(event->data, STR("description")));
    return ST_OK;
}

/* A copy is active, whatever became of the session that it was copied from. */
static int suspended(struct session *s, const struct session_event *event, struct error *err)
{
    (void)err;
    if (!event->copied)
        s->status = SESSION_SUSPENDED;
    return ST_OK;
}

static int resumed(struct session *s, const struct session_event *event, struct error *err)
{
    (void)event;
    (void)err;
    s->status = SESSION_ACTIVE;
    return ST_OK;
}

static int closed(struct session *s, const struct session_event *event, struct error *err)
{
    struct buffer scratch = BUFFER_INIT;
    struct str word = {NULL, 0};
    json_string(json_get(event->data, STR("status")), &scratch, &word);
    enum session_status status = session_status_of(word);
    buffer_clear(&scratch);
    if (status != SESSION_COMPLETED && status != SESSION_FAILED && status != SESSION_ARCHIVED)
        return wrong(s, event, "it has no status that a session can end with", err);
    if (!event->copied)
        s->status = status;
    return ST_OK;
}

static int attached(struct session *s, const struct session_event *event, struct error *err)
{
    (void)event;
    (void)err;
    s->artifacts++;
    return ST_OK;
}

static int erased(struct session *s, const struct session_event *event, struct error *err)
{
    (void)event;
    (void)err;
    s->status = SESSION_ERASED;
    return ST_OK;
}

static const struct kind {
    struct str type;
    int (*apply)(struct session *s, const struct session_event *event, struct error *err);
    bool begins; /* it is the first of its stream */
} kinds[] = {
    {STR_INIT("SessionCreated"), created, true},
    {STR_INIT("SessionForked"), forked, true},
    {STR_INIT("SessionImported"), imported, true},
    {STR_INIT("MessageSent"), message_sent, false},
    {STR_INIT("ResponseReceived"), response_received, false},
    {STR_INIT("ResponseFailed"), response_failed, false},
    {STR_INIT("ToolCalled"), tool_called, false},
    {STR_INIT("ToolReturned"), tool_returned, false},
    {STR_INIT("ContextOptimized"), context_optimized, false},
    {STR_INIT("SessionTagged"), tagged, false},
    {STR_INIT("SessionRenamed"), renamed, false},
    {STR_INIT("SessionSuspended"), suspended, false},
    {STR_INIT("SessionResumed"), resumed, false},
    {STR_INIT("SessionClosed"), closed, false},
    {STR_INIT("SessionErased"), erased, false},
    {STR_INIT("ArtifactAttached"), attached, false},
};

const char *const session_event_types[SESSION_EVENT_TYPES] = {
    "SessionCreated",
    "SessionForked",
    "SessionImported",
    "MessageSent",
    "ResponseReceived",
    "ResponseFailed",
    "ToolCalled",
    "ToolReturned",
    "ContextOptimized",
    "SessionTagged",
    "SessionRenamed",
    "SessionSuspended",
    "SessionResumed",
    "SessionClosed",
    "SessionErased",
    "SessionEventCopied",
    "ArtifactAttached",
};

static const struct kind *kind_of(struct str type)
{
    for (size_t i = 0; i < sizeof(kinds) / sizeof(kinds[0]); i++)
        if (str_eq(kinds[i].type, type))
            return &kinds[i];
    return NULL;
}

static void begin(struct session *s, const struct stored_event *event)
{
    buffer_add_str(&s->id, session_of_stream(event->stream));
    buffer_add_str(&s->tenant, event->tenant);
    buffer_add_str(&s->caller, event->caller);
    s->created_ms = event->at_ms;
}

static int check_order(const struct session *s, const struct stored_event *stored,
                       const struct session_event *event, const struct kind *kind,
                       struct error *err)
{
    if (!kind)
        return error_set(err, ST_UNSUPPORTED,
                         "event %llu of stream %.*s is of the type %.*s, which this hexmcp does not "
                         "know; use the newer one that wrote it",
                         (unsigned long long)stored->version, STR_ARG(stored->stream),
                         STR_ARG(event->type));
    if (stored->version != s->version + 1)
        return wrong(s, event, "an event before it is missing", err);
    if (!event->copied && kind->begins != (s->version == 0))
        return wrong(s, event, s->version ? "the session has begun" : "no session has begun", err);
    if (event->copied && s->copies_left == 0)
        return wrong(s, event, "more events were copied than were said", err);
    if (!event->copied && s->copies_left)
        return wrong(s, event, "the session is not there yet: events are still to be copied", err);
    if (s->status == SESSION_ERASED)
        return wrong(s, event, "the session was erased", err);
    return ST_OK;
}

int session_apply(struct session *s, const struct stored_event *stored, struct json data,
                  struct error *err)
{
    struct session_event event;
    int rc = session_event_view(stored, data, &event, err);
    if (rc)
        return rc;
    const struct kind *kind = kind_of(event.type);
    rc = check_order(s, stored, &event, kind, err);
    if (!rc && s->version == 0)
        begin(s, stored);
    /* How the copied session began is not how this one did: its parent stays. */
    if (!rc && !(event.copied && kind->begins && kind->apply != created))
        rc = kind->apply(s, &event, err);
    if (rc)
        return rc;
    s->copies_left -= event.copied;
    s->version = stored->version;
    s->active_ms = stored->at_ms;
    s->bytes += stored->data.len;
    return ST_OK;
}
