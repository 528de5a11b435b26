#include "core/session/import_artifact.h"
#include "core/session/transfer.h"

#include <stdlib.h>
#include <string.h>

#define FLUSH_BYTES ((size_t)3 << 20)

enum expected { HEADER, EVENT, END, NOTHING };

struct import {
    struct sessions *sessions;
    struct arena arena;
    struct caller caller;
    struct buffer line;  /* the unfinished one */
    uint64_t number;     /* of the line, from 1 */
    enum expected expected;
    uint64_t events, seen;
    struct chain chain;
    struct session check; /* what the events fold into */
    struct copies copies;
    struct import_artifact artifact;
    bool complete; /* the session is there */
    bool failed;
    /* while bytes are taken */
    struct str rest;
    const struct call_context *context;
    void (*done)(void *arg, const struct error *err);
    void *arg;
    char *held; /* the bytes of this feed */
};

struct import *import_new(struct sessions *sessions, const struct caller *caller)
{
    struct import *import = calloc(1, sizeof(*import));
    if (!import)
        return NULL;
    import->sessions = sessions;
    import->caller = (struct caller){.id = arena_copy(&import->arena, caller->id),
                                     .tenant = arena_copy(&import->arena, caller->tenant)};
    if (import->arena.failed ||
        copies_name(&import->copies, sessions, &import->arena, NULL)) {
        import_free(import);
        return NULL;
    }
    import->artifact.call.sessions = sessions;
    import->artifact.stream = import->copies.stream;
    import->artifact.holds.call.sessions = sessions;
    import->artifact.holds.stream = import->copies.stream;
    return import;
}

void import_free(struct import *import)
{
    if (!import)
        return;
    if (!import->complete && !import->sessions->closed)
        import_artifact_undo(&import->artifact, &import->caller);
    import_artifact_clear(&import->artifact);
    session_state_clear(&import->check);
    copies_clear(&import->copies);
    buffer_clear(&import->line);
    arena_clear(&import->arena);
    free(import->held);
    free(import);
}

struct str import_id(const struct import *import)
{
    return session_of_stream(import->copies.stream);
}

uint64_t import_version(const struct import *import)
{
    return import->copies.version;
}

/* ---- lines ---- */

static int wrong(const struct import *import, const char *why, struct error *err)
{
    return error_set(err, ST_INVALID, "line %llu of the session's file: %s; nothing was imported",
                     (unsigned long long)import->number, why);
}

/* The event as it would be in the new session, to see whether it can be there. */
static int fold(struct import *import, struct str type, struct json data, struct error *err)
{
    const struct stored_event event = {
        .stream = import->copies.stream,
        .version = import->check.version + 1,
        .type = type,
        .schema = 1,
        .caller = import->caller.id,
        .tenant = import->caller.tenant,
        .data = json_text(data),
    };
    int rc = session_apply(&import->check, &event, data, err);
    if (rc)
        error_prefix(err, "line %llu of the session's file: ", (unsigned long long)import->number);
    return rc;
}

static int begin(struct import *import, const char *id, struct error *err)
{
    struct buffer data = BUFFER_INIT;
    struct json_writer w = json_writer(&data);
    struct json_doc *doc = NULL;
    json_begin_object(&w);
    json_put_string(&w, STR("origin"), str_from(id));
    json_put_i64(&w, STR("events"), (int64_t)import->events);
    session_put_config(&w, &import->sessions->parts.limits);
    json_end_object(&w);
    int rc = buffer_failed(&data) ? no_memory(err) : json_parse(buffer_str(&data), &doc, err);
    if (!rc)
        rc = fold(import, STR("SessionImported"), json_root(doc), err);
    if (!rc)
        rc = copies_push(&import->copies, STR("SessionImported"), buffer_str(&data), err);
    json_free(doc);
    buffer_clear(&data);
    return rc;
}

static int take_header(struct import *import, struct json line, struct error *err)
{
    int64_t version = 0, events = 0;
    char *id;
    if (!json_is(json_get(line, STR("format")), STR(TRANSFER_FORMAT)))
        return wrong(import, "this is no session that hexmcp has exported", err);
    if (!json_int64(json_get(line, STR("formatVersion")), &version) ||
        version < TRANSFER_VERSION || version > TRANSFER_VERSION_ARTIFACTS)
        return wrong(import, "its format is of another version; use the newer hexmcp that wrote it",
                     err);
    if (!json_int64(json_get(line, STR("events")), &events) || events < 1)
        return wrong(import, "it does not say how many events follow", err);
    import->events = (uint64_t)events;
    import->expected = EVENT;
    id = session_decoded(json_get(line, STR("id")));
    int rc = id ? begin(import, id, err) : no_memory(err);
    free(id);
    return rc;
}

static int check_type(struct import *import, struct json line, struct error *err)
{
    struct str type;
    int64_t schema = 0;
    if (!json_plain(json_get(line, STR("type")), &type))
        return wrong(import, "it has no type", err);
    if (str_eq(type, SESSION_COPY_TYPE))
        return wrong(import, "a copy of a copy", err);
    json_int64(json_get(line, STR("schema")), &schema);
    for (size_t i = 0; i < SESSION_EVENT_TYPES; i++)
        if (str_eq(str_from(session_event_types[i]), type))
            return schema == 1 ? ST_OK
                               : wrong(import, "an event of another schema than this hexmcp knows; "
                                               "use the newer one that wrote it",
                                       err);
    return wrong(import, "an event of a type that this hexmcp does not know; use the newer one that "
                         "wrote it",
                 err);
}

static int take_event(struct import *import, struct json line, struct error *err)
{
    int rc = check_type(import, line, err);
    if (!rc)
        rc = fold(import, SESSION_COPY_TYPE, line, err);
    if (!rc)
        rc = copies_push(&import->copies, SESSION_COPY_TYPE, json_text(line), err);
    if (!rc && ++import->seen == import->events)
        import->expected = END;
    return rc;
}

static int take_artifact(struct import *import, struct json line, struct error *err)
{
    const char *why = import_artifact_line(&import->artifact, line);
    if (!why && import->artifact.count >= import->check.artifacts)
        why = "more artifacts than the events refer to";
    return why ? wrong(import, why, err) : ST_OK;
}

static int check_artifacts(struct import *import, struct error *err)
{
    const struct session_limits *limits = &import->check.limits;
    if (import_artifact_open(&import->artifact))
        return wrong(import, "the artifact before it is cut", err);
    if (limits->max_artifacts && import->check.artifacts > limits->max_artifacts)
        return error_set(err, ST_TOO_LARGE,
                         "the session refers to %llu artifacts, and more than %llu are not allowed "
                         "(setting sessions.max_artifacts); nothing was imported",
                         (unsigned long long)import->check.artifacts,
                         (unsigned long long)limits->max_artifacts);
    return ST_OK;
}

static int take_end(struct import *import, struct json line, struct error *err)
{
    int rc = check_artifacts(import, err);
    if (rc)
        return rc;
    struct buffer expected = BUFFER_INIT;
    int64_t events = 0;
    json_int64(json_get(line, STR("events")), &events);
    if ((uint64_t)events != import->events)
        return wrong(import, "it ends with another number of events", err);
    transfer_write_end(&expected, import->events, &import->chain);
    bool same = str_eq(buffer_str(&expected), json_text(line));
    buffer_clear(&expected);
    if (!same)
        return wrong(import, "the digest is another: the file is damaged or was changed", err);
    import->expected = NOTHING;
    return ST_OK;
}

static int take_parsed(struct import *import, struct json line, struct error *err)
{
    switch (import->expected) {
    case HEADER:
        return take_header(import, line, err);
    case EVENT:
        return take_event(import, line, err);
    case END:
        return json_exists(json_get(line, STR("end"))) ? take_end(import, line, err)
                                                       : take_artifact(import, line, err);
    default:
        return wrong(import, "something follows its end", err);
    }
}

static int take_line(struct import *import, struct str text, struct error *err)
{
    struct json_doc *doc;
    import->number++;
    int rc = json_parse(text, &doc, err);
    if (rc)
        return error_prefix(err, "line %llu of the session's file: ",
                            (unsigned long long)import->number);
    rc = take_parsed(import, json_root(doc), err);
    json_free(doc);
    if (!rc && import->expected != NOTHING &&
        !chain_add(&import->chain, import->sessions->parts.crypto, text))
        rc = error_set(err, ST_UNAVAILABLE, "session.import: there are no digests");
    return rc;
}

/* ---- bytes ---- */

static void end_feed(struct import *import, const struct error *err)
{
    free(import->held);
    import->held = NULL;
    import->failed = err != NULL;
    import->done(import->arg, err);
}

/* Up to and with the next line feed; ST_OK also if there is none. */
static int take_bytes(struct import *import, struct error *err)
{
    const char *end = import->rest.len ? memchr(import->rest.ptr, '\n', import->rest.len) : NULL;
    size_t len = end ? (size_t)(end - import->rest.ptr) : import->rest.len;
    int rc = ST_OK;
    if (import->line.len + len > TRANSFER_LINE_MAX) {
        import->number++;
        return wrong(import, "it is too long", err);
    }
    buffer_add(&import->line, import->rest.ptr, len);
    import->rest.ptr += len + (end != NULL);
    import->rest.len -= len + (end != NULL);
    if (buffer_failed(&import->line))
        return no_memory(err);
    if (!end)
        return ST_OK;
    rc = take_line(import, buffer_str(&import->line), err);
    buffer_reset(&import->line, 1 << 16);
    return rc;
}

static void go_on(struct import *import);

static void flushed(void *arg, const struct error *err)
{
    struct import *import = arg;
    if (err)
        end_feed(import, err);
    else
        go_on(import);
}

static void stored(struct import_artifact *artifact, const struct error *err)
{
    struct error failed;
    if (err) {
        failed = *err;
        error_prefix(&failed, "nothing was imported: ");
        err = &failed;
    }
    flushed((char *)artifact - offsetof(struct import, artifact), err);
}

/* What waits is written while more is to come; the rest, which makes the session visible, is not
 * before the end of the file was right. */
static void go_on(struct import *import)
{
    struct error err;
    while (import->rest.len) {
        if (take_bytes(import, &err)) {
            end_feed(import, &err);
            return;
        }
        if (import->copies.bytes > FLUSH_BYTES && import->expected == EVENT) {
            copies_flush(&import->copies, import->context, flushed, import);
            return;
        }
        if (import->artifact.operation) {
            import_artifact_store(&import->artifact, import->context, stored);
            return;
        }
    }
    end_feed(import, NULL);
}

static int ready(struct import *import, void (*done)(void *arg, const struct error *err), void *arg,
                 struct error *err)
{
    import->done = done;
    import->arg = arg;
    if (import->failed)
        return error_set(err, ST_INVALID, "the import has failed; begin another");
    if (import->held)
        return error_set(err, ST_BUSY, "bytes of this import are still being written");
    return ST_OK;
}

void import_feed(struct import *import, const struct call_context *context, struct str bytes,
                 void (*done)(void *arg, const struct error *err), void *arg)
{
    struct error err;
    if (ready(import, done, arg, &err)) {
        done(arg, &err);
        return;
    }
    import->held = session_text(bytes);
    if (!import->held) {
        no_memory(&err);
        done(arg, &err);
        return;
    }
    import->context = context;
    import->rest = (struct str){import->held, bytes.len};
    go_on(import);
}

static void held(struct hold_all *all, const struct error *err)
{
    struct import *import =
        (struct import *)(void *)((char *)all - offsetof(struct import, artifact.holds));
    struct error failed;
    if (err) {
        failed = *err;
        error_prefix(&failed, "session %.*s was imported, and not all its artifacts are held: ",
                     STR_ARG(import_id(import)));
        err = &failed;
    }
    import->done(import->arg, err);
}

static void finished(void *arg, const struct error *err)
{
    struct import *import = arg;
    import->failed = true; /* nothing more can be done with it */
    import->complete = !err;
    if (err)
        import->done(import->arg, err);
    else
        hold_all_begin(&import->artifact.holds, import->context, held);
}

void import_finish(struct import *import, const struct call_context *context,
                   void (*done)(void *arg, const struct error *err), void *arg)
{
    struct error err;
    int rc = ready(import, done, arg, &err);
    if (!rc && import->line.len) /* the last line feed is missing */
        rc = take_line(import, buffer_str(&import->line), &err);
    if (!rc && import->expected != NOTHING) {
        import->number++;
        rc = wrong(import, "the file ends before the session does", &err);
    }
    if (rc) {
        import->failed = true;
        done(arg, &err);
        return;
    }
    import->context = context;
    copies_flush(&import->copies, context, finished, import);
}
