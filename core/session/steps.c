#include "core/session/steps.h"

#include <stdlib.h>

#define PAGE 200u

static void read_page(struct steps *steps);

static struct str keep(struct steps *steps, struct str text)
{
    steps->bytes += text.len;
    return arena_copy(&steps->arena, text);
}

static struct str keep_text(struct steps *steps, struct json text)
{
    struct buffer scratch = BUFFER_INIT;
    struct str decoded = {NULL, 0};
    json_string(text, &scratch, &decoded);
    decoded = keep(steps, decoded);
    buffer_clear(&scratch);
    return decoded;
}

static bool is_true(struct json value)
{
    bool truth = false;
    json_bool(value, &truth);
    return truth;
}

static int add(struct steps *steps, const struct session_event *event, struct error *err)
{
    if (steps->count == steps->cap) {
        size_t cap = steps->cap ? steps->cap * 2 : 32;
        struct step *list = realloc(steps->list, cap * sizeof(*list));
        if (!list)
            return no_memory(err);
        steps->list = list;
        steps->cap = cap;
    }
    steps->list[steps->count++] = (struct step){
        .version = event->version,
        .redacted = is_true(json_get(event->data, STR("redacted"))),
        .call_id = keep_text(steps, json_get(event->data, STR("callId"))),
        .action = keep_text(steps, json_get(event->data, STR("action"))),
        .target = keep_text(steps, json_get(event->data, STR("target"))),
        .arguments = keep(steps, json_text(json_get(event->data, STR("arguments")))),
    };
    return ST_OK;
}

static void end(struct steps *steps, const struct session_event *event)
{
    struct json id = json_get(event->data, STR("callId"));
    for (size_t i = steps->count; i-- > 0;) {
        struct step *step = &steps->list[i];
        if (step->returned || !json_is(id, step->call_id))
            continue;
        step->returned = true;
        step->redacted = step->redacted || is_true(json_get(event->data, STR("redacted")));
        step->end = keep_text(steps, json_get(event->data, STR("end")));
        step->result = keep(steps, json_text(json_get(event->data, STR("result"))));
        step->digest = keep_text(steps, json_get(event->data, STR("digest")));
        return;
    }
}

static int take_view(struct steps *steps, const struct session_event *event, struct error *err)
{
    int rc = ST_OK;
    if (str_eq(event->type, STR("ToolCalled")))
        rc = add(steps, event, err);
    else if (str_eq(event->type, STR("ToolReturned")))
        end(steps, event);
    if (!rc && steps->arena.failed)
        rc = no_memory(err);
    if (!rc && steps->bytes > STEPS_BYTES_MAX)
        rc = error_set(err, ST_TOO_LARGE,
                       "the calls of session %.*s are too long to be replayed at once; give "
                       "\"version\" to replay those up to there",
                       STR_ARG(session_of_stream(steps->stream)));
    return rc;
}

static void take(void *arg, const struct stored_event *stored)
{
    struct steps *steps = arg;
    struct stored_event event;
    struct session_event view;
    struct json_doc *doc = NULL;
    if (steps->failed.code)
        return;
    int rc = journal_upcast(steps->sessions->parts.journal, stored, &event, &doc,
                            &steps->failed);
    if (!rc)
        rc = session_event_view(&event, json_root(doc), &view, &steps->failed);
    if (!rc)
        rc = take_view(steps, &view, &steps->failed);
    if (!rc)
        steps->next = stored->version + 1;
    json_free(doc);
}

static void page_done(void *arg, const struct error *err, const struct events_end *last)
{
    struct steps *steps = arg;
    if (!err && steps->failed.code)
        err = &steps->failed;
    if (!err && last->more && steps->next <= steps->to)
        read_page(steps);
    else
        steps->done(steps->arg, err);
}

static void read_page(struct steps *steps)
{
    const struct event_store *events = steps->sessions->parts.events;
    const struct events_sink sink = {steps, take, page_done};
    const struct stream_query query = {
        .stream = steps->stream, .from = steps->next, .to = steps->to, .limit = PAGE};
    events->read(events->ctx, &query, &sink);
}

void steps_read(struct steps *steps, void (*done)(void *arg, const struct error *err), void *arg)
{
    steps->next = 1;
    steps->done = done;
    steps->arg = arg;
    read_page(steps);
}

void steps_clear(struct steps *steps)
{
    free(steps->list);
    arena_clear(&steps->arena);
    *steps = (struct steps){0};
}
