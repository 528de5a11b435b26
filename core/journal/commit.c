#include <stdlib.h>

#include "core/journal/inside.h"
#include "core/json/writer.h"

struct commit {
    struct pending pending;
    journal_done done;
    void *arg;
    struct arena arena;
    struct str command, correlation, key;
    int64_t at_ms;
    struct stream_append *streams;
    size_t count;
    uint64_t *expected;     /* of each stream */
    struct json_doc **data; /* of all events, one stream after the other */
    size_t events;
};

static void commit_free(struct commit *commit)
{
    for (size_t i = 0; commit->data && i < commit->events; i++)
        json_free(commit->data[i]);
    arena_clear(&commit->arena);
    free(commit);
}

/* ---- what is refused ------------------------------------------------------------------------ */

static bool is_command(struct str id)
{
    if (id.len > JOURNAL_COMMAND_MAX)
        return false;
    for (size_t i = 0; i < id.len; i++) {
        char c = id.ptr[i];
        if (!((c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || (c >= '0' && c <= '9') ||
              c == '.' || c == '_' || c == ':' || c == '-'))
            return false;
    }
    return true;
}

static bool is_twice(const struct journal_batch *batch, size_t at)
{
    for (size_t i = 0; i < at; i++)
        if (str_eq(batch->streams[i].stream, batch->streams[at].stream))
            return true;
    return false;
}

static int check_stream(const struct journal_batch *batch, size_t i, struct error *err)
{
    const struct journal_append *a = &batch->streams[i];
    if (!journal_stream_valid(a->stream))
        return error_set(err, ST_INVALID,
                         "\"%.*s\" is no name of a stream: DOMAIN/ID, of letters, digits and "
                         "\"-_.:@~\", at most %u bytes",
                         STR_ARG(a->stream), JOURNAL_STREAM_MAX);
    if (is_twice(batch, i))
        return error_set(err, ST_INVALID, "the stream %.*s is twice in one batch",
                         STR_ARG(a->stream));
    if (a->count == 0)
        return error_set(err, ST_INVALID, "no events for the stream %.*s", STR_ARG(a->stream));
    return ST_OK;
}

static int check_batch(const struct journal_batch *batch, size_t *events, struct error *err)
{
    size_t all = 0;
    if (!is_command(batch->command))
        return error_set(err, ST_INVALID,
                         "\"%.*s\" is no id of a command: 1 to %u letters, digits and \"._:-\"",
                         STR_ARG(batch->command), JOURNAL_COMMAND_MAX);
    if (batch->count < 1 || batch->count > JOURNAL_STREAMS_MAX)
        return error_set(err, ST_INVALID, "a batch of %zu streams; 1 to %u are allowed",
                         batch->count, JOURNAL_STREAMS_MAX);
    for (size_t i = 0; i < batch->count; i++) {
        int rc = check_stream(batch, i, err);
        if (rc)
            return rc;
        all += batch->streams[i].count;
    }
    if (all > JOURNAL_EVENTS_MAX)
        return error_set(err, ST_TOO_LARGE, "a batch of %zu events; at most %u are allowed", all,
                         JOURNAL_EVENTS_MAX);
    *events = all;
    return ST_OK;
}

static int parse_data(const struct stored_event *event, struct json_doc **out, struct error *err)
{
    if (event->data.len > EVENT_DATA_MAX)
        return error_set(err, ST_TOO_LARGE, "the event %.*s has %zu bytes; at most %zu are allowed",
                         STR_ARG(event->type), event->data.len, EVENT_DATA_MAX);
    struct json_doc *data = NULL;
    int rc = json_parse(event->data, &data, err);
    if (!rc && json_type(json_root(data)) != JSON_OBJECT)
        rc = error_set(err, ST_INVALID, "must be an object");
    if (rc) {
        json_free(data);
        return error_prefix(err, "the data of the event %.*s: ", STR_ARG(event->type));
    }
    *out = data;
    return ST_OK;
}

/* ---- what is appended ----------------------------------------------------------------------- */

/* Version 00, 16 bytes in hexadecimal digits, and more: see the W3C trace context. */
static struct str trace_id(struct str traceparent)
{
    return traceparent.len >= 35 ? (struct str){traceparent.ptr + 3, 32} : (struct str){NULL, 0};
}

/* So that no caller gets the answer of another's command. */
static struct str key_of(struct arena *arena, const struct caller *caller, struct str command)
{
    struct buffer key = BUFFER_INIT;
    buffer_add_u64(&key, caller->tenant.len);
    buffer_add_char(&key, ':');
    buffer_add_str(&key, caller->tenant);
    buffer_add_char(&key, '/');
    buffer_add_str(&key, caller->id);
    buffer_add_char(&key, '/');
    buffer_add_str(&key, command);
    struct str copy = arena_copy(arena, buffer_str(&key));
    arena->failed = arena->failed || buffer_failed(&key);
    buffer_clear(&key);
    return copy;
}

static int name_commit(struct commit *commit, struct journal *journal,
                       const struct call_context *context, const struct journal_batch *batch,
                       struct error *err)
{
    const struct journal_parts *parts = &journal->parts;
    struct str trace = trace_id(context->traceparent);
    char id[UUID_TEXT_SIZE];
    struct str command = batch->command;
    if (!command.len) {
        int rc = uuid_next(&journal->uuids, parts->clock, parts->random, id, err);
        if (rc)
            return rc;
        command = str_from(id);
    }
    commit->at_ms = parts->clock->wall_ms(parts->clock->ctx);
    commit->command = arena_copy(&commit->arena, command);
    commit->correlation = arena_copy(&commit->arena, batch->correlation.len ? batch->correlation
                                                     : trace.len           ? trace
                                                                           : commit->command);
    if (batch->command.len)
        commit->key = key_of(&commit->arena, context->caller, command);
    return ST_OK;
}

static int fill_event(struct commit *commit, struct journal *journal,
                      const struct journal_batch *batch, const struct journal_event *given,
                      struct stored_event *event, struct error *err)
{
    char id[UUID_TEXT_SIZE];
    const struct event_type *type = str_index_get(&journal->types, given->type);
    if (!type)
        return error_set(err, ST_INVALID, "\"%.*s\" is no type of events that is known here",
                         STR_ARG(given->type));
    int rc = uuid_next(&journal->uuids, journal->parts.clock, journal->parts.random, id, err);
    if (rc)
        return rc;
    event->id = arena_copy(&commit->arena, str_from(id));
    event->type = str_from(type->name);
    event->schema = type->schema;
    event->at_ms = commit->at_ms;
    event->correlation = commit->correlation;
    event->causation = given->cause.len   ? arena_copy(&commit->arena, given->cause)
                       : batch->cause.len ? arena_copy(&commit->arena, batch->cause)
                                          : commit->command;
    event->data = arena_copy(&commit->arena, given->data);
    return commit->arena.failed ? error_set(err, ST_NOMEM, "out of memory") : ST_OK;
}

static int fill_stream(struct commit *commit, struct journal *journal,
                       const struct call_context *context, const struct journal_batch *batch,
                       size_t i, struct error *err)
{
    const struct journal_append *given = &batch->streams[i];
    struct stored_event *events = arena_alloc(&commit->arena, given->count * sizeof(*events));
    struct str stream = arena_copy(&commit->arena, given->stream);
    struct str caller = arena_copy(&commit->arena, context->caller->id);
    struct str tenant = arena_copy(&commit->arena, context->caller->tenant);
    if (commit->arena.failed)
        return error_set(err, ST_NOMEM, "out of memory");
    for (size_t k = 0; k < given->count; k++) {
        events[k].stream = stream;
        events[k].caller = caller;
        events[k].tenant = tenant;
        int rc = fill_event(commit, journal, batch, &given->events[k], &events[k], err);
        if (!rc)
            rc = parse_data(&events[k], &commit->data[commit->events], err);
        if (rc)
            return rc;
        commit->events++;
    }
    commit->streams[i] = (struct stream_append){stream, given->expect, given->version, events,
                                                given->count};
    commit->expected[i] = given->expect == EXPECT_VERSION ? given->version : 0;
    commit->count++;
    return ST_OK;
}

static int commit_new(struct journal *journal, const struct call_context *context,
                      const struct journal_batch *batch, struct commit **out, struct error *err)
{
    size_t events = 0;
    int rc = check_batch(batch, &events, err);
    if (rc)
        return rc;
    struct commit *commit = calloc(1, sizeof(*commit));
    if (!commit)
        return error_set(err, ST_NOMEM, "out of memory");
    struct arena *arena = &commit->arena;
    commit->streams = arena_alloc(arena, batch->count * sizeof(*commit->streams));
    commit->expected = arena_alloc(arena, batch->count * sizeof(*commit->expected));
    commit->data = arena_alloc(arena, events * sizeof(struct json_doc *));
    rc = arena->failed ? error_set(err, ST_NOMEM, "out of memory")
                       : name_commit(commit, journal, context, batch, err);
    for (size_t i = 0; !rc && i < batch->count; i++)
        rc = fill_stream(commit, journal, context, batch, i, err);
    if (rc) {
        commit_free(commit);
        return rc;
    }
    *out = commit;
    return ST_OK;
}

/* ---- what follows --------------------------------------------------------------------------- */

static void publish(const struct journal *journal, const struct stored_event *event)
{
    const struct event_bus *bus = journal->parts.bus;
    struct buffer topic = BUFFER_INIT, text = BUFFER_INIT;
    struct stored_event light = *event;
    if (!bus)
        return;
    if (event_topic(&topic, event) &&
        (!bus->wanted || bus->wanted(bus->ctx, buffer_str(&topic)))) {
        journal_write_event(&text, event);
        if (text.len > EVENT_JSON_MAX) {
            light.data = (struct str){NULL, 0};
            buffer_reset(&text, EVENT_JSON_MAX);
            journal_write_event(&text, &light);
        }
        if (!buffer_failed(&text))
            bus->publish(bus->ctx, buffer_str(&topic), buffer_str(&text), NULL);
    }
    buffer_clear(&topic);
    buffer_clear(&text);
}

enum { STREAM, TYPE, SCHEMA, VERSION, CORRELATION, DATA, MEMBERS };

static bool read_member(void *arg, uint32_t member, struct buffer *out)
{
    const struct stored_event *event = arg;
    const struct str texts[] = {event->stream, event->type, {NULL, 0}, {NULL, 0}, event->correlation};
    switch (member) {
    case DATA:
        buffer_add_str(out, event->data);
        return event->data.len > 0;
    case SCHEMA:
        buffer_add_u64(out, event->schema);
        return true;
    case VERSION:
        buffer_add_u64(out, event->version);
        return true;
    default:
        json_quote(out, texts[member]);
        return texts[member].len > 0;
    }
}

/* It is a fact: hooks hear of it, and no more. */
static void tell_hooks(const struct journal *journal, const struct stored_event *event)
{
    static const struct hook_member members[MEMBERS] = {{"stream", false},  {"type", false},
                                                        {"schema", false},  {"version", false},
                                                        {"correlation", false}, {"data", false}};
    const struct caller caller = {.id = event->caller, .tenant = event->tenant};
    const struct call_context context = {.caller = &caller};
    if (!hooks_any(journal->parts.hooks, HOOK_AFTER_EVENT_EMIT))
        return;
    const struct hook_event told = {.point = HOOK_AFTER_EVENT_EMIT,
                                    .target = event->stream,
                                    .context = &context,
                                    .members = members,
                                    .count = MEMBERS,
                                    .read = read_member,
                                    .arg = (void *)(uintptr_t)event};
    hooks_tell(journal->parts.hooks, &told);
}

/* Streams were made by fill_stream, which has them writable in the arena. */
static struct stored_event *events_of(const struct stream_append *stream)
{
    return (struct stored_event *)(uintptr_t)stream->events;
}

/* Only the last position is told; as positions of a batch may have gaps, the others stay unknown. */
static void number_events(struct commit *commit, const struct append_result *r)
{
    for (size_t i = 0; i < commit->count; i++) {
        struct stored_event *events = events_of(&commit->streams[i]);
        for (size_t k = 0; k < commit->streams[i].count; k++) {
            events[k].version = r->versions[i] - commit->streams[i].count + 1 + k;
            events[k].position = r->position;
        }
    }
}

static void follow(struct journal *journal, const struct commit *commit, uint64_t position)
{
    struct json_doc *const *data = commit->data;
    for (size_t i = 0; i < commit->count; i++) {
        const struct stream_append *stream = &commit->streams[i];
        kept_follow(journal, stream->events, data, stream->count);
        data += stream->count;
    }
    for (size_t i = 0; i < commit->count; i++)
        for (size_t k = 0; k < commit->streams[i].count; k++) {
            publish(journal, &commit->streams[i].events[k]);
            tell_hooks(journal, &commit->streams[i].events[k]);
        }
    if (journal->parts.committed)
        journal->parts.committed(journal->parts.ctx, position);
}

static uint64_t expected_of(const struct commit *commit, struct str stream)
{
    for (size_t i = 0; i < commit->count; i++)
        if (str_eq(commit->streams[i].stream, stream))
            return commit->expected[i];
    return 0;
}

static void appended(void *arg, const struct error *err, const struct append_result *r)
{
    struct commit *commit = arg;
    struct journal *journal = commit->pending.journal;
    if (!journal) {
        commit_free(commit);
        return;
    }
    pending_unlink(&commit->pending);
    if (err) {
        commit->done(commit->arg, err, NULL);
        commit_free(commit);
        return;
    }
    struct journal_result result = {.command = commit->command,
                                    .correlation = commit->correlation,
                                    .at_ms = commit->at_ms,
                                    .conflict = r->conflict};
    if (r->conflict) {
        result.stream = r->stream;
        result.expected = expected_of(commit, r->stream);
        result.actual = r->actual;
    } else {
        result.position = r->position;
        result.versions = r->versions;
        result.count = r->count;
        result.repeated = r->repeated;
    }
    if (!r->conflict && !r->repeated && r->count == commit->count) {
        number_events(commit, r);
        follow(journal, commit, r->position);
    }
    commit->done(commit->arg, NULL, &result);
    commit_free(commit);
}

void journal_commit(struct journal *journal, const struct call_context *context,
                    const struct journal_batch *batch, journal_done done, void *arg)
{
    struct error err;
    struct commit *commit = NULL;
    if (commit_new(journal, context, batch, &commit, &err)) {
        done(arg, &err, NULL);
        return;
    }
    commit->done = done;
    commit->arg = arg;
    pending_link(journal, &commit->pending);
    const struct event_store *events = journal->parts.events;
    const struct event_batch out = {commit->key, commit->streams, commit->count};
    events->append(events->ctx, &out, appended, commit);
}

int journal_conflict(const struct journal_result *result, struct error *err)
{
    return error_set(err, ST_BUSY,
                     "%.*s is at version %llu, not at %llu"
                     ": somebody else has changed it; read it again, then decide",
                     STR_ARG(result->stream), (unsigned long long)result->actual,
                     (unsigned long long)result->expected);
}
