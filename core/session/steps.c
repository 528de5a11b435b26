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
        step->ref = keep_text(steps, json_get(event->data, STR("resultRef")));
        step->digest = keep_text(steps, json_get(event->data, STR("digest")));
        return;
    }
}

static int check_bytes(const struct steps *steps, struct error *err)
{
    if (steps->arena.failed)
        return no_memory(err);
    if (steps->bytes <= STEPS_BYTES_MAX)
        return ST_OK;
    return error_set(err, ST_TOO_LARGE,
                     "the calls of session %.*s are too long to be replayed at once; give "
                     "\"version\" to replay those up to there",
                     STR_ARG(session_of_stream(steps->stream)));
}

static int take_view(struct steps *steps, const struct session_event *event, struct error *err)
{
    int rc = ST_OK;
    if (str_eq(event->type, STR("ToolCalled")))
        rc = add(steps, event, err);
    else if (str_eq(event->type, STR("ToolReturned")))
        end(steps, event);
    return rc ? rc : check_bytes(steps, err);
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

/* ---- results that are artifacts ---- */

static void read_results(struct steps *steps);

/* One that is gone leaves its step without a result. */
static void have_result(struct artifact_call *call, const struct error *err, struct json answer)
{
    struct steps *steps = (struct steps *)((char *)call - offsetof(struct steps, artifact));
    (void)answer;
    if (!err)
        steps->list[steps->reads].result = keep(steps, buffer_str(&call->bytes));
    buffer_clear(&call->bytes);
    if (err && err->code != ST_NOT_FOUND)
        steps->failed = *err;
    else
        check_bytes(steps, &steps->failed);
    steps->reads++;
    read_results(steps);
}

static void read_result(struct steps *steps, struct str id)
{
    const struct call_context context = {.caller = steps->caller};
    struct buffer arguments = BUFFER_INIT;
    struct json_writer w = json_writer(&arguments);
    json_begin_object(&w);
    json_put_string(&w, STR("id"), id);
    json_end_object(&w);
    steps->artifact.sessions = steps->sessions;
    steps->artifact.done = have_result;
    artifact_call_begin(&steps->artifact, &context, "artifact.get", buffer_str(&arguments),
                        (struct str){NULL, 0});
    buffer_clear(&arguments);
}

static bool is_wanted(const struct steps *steps)
{
    const struct step *step = &steps->list[steps->reads];
    return step->ref.len == ARTIFACT_ID_LENGTH && step->result.len == 0 &&
           steps->sessions->parts.artifacts;
}

/* Answers that come at once must not pile up on the stack. */
static void read_results(struct steps *steps)
{
    steps->again = true;
    if (steps->running)
        return;
    steps->running = true;
    while (steps->again) {
        steps->again = false;
        while (!steps->failed.code && steps->reads < steps->count && !is_wanted(steps))
            steps->reads++;
        if (steps->failed.code || steps->reads == steps->count) {
            steps->running = false;
            steps->done(steps->arg, steps->failed.code ? &steps->failed : NULL);
            return;
        }
        read_result(steps, steps->list[steps->reads].ref);
    }
    steps->running = false;
}

static void page_done(void *arg, const struct error *err, const struct events_end *last)
{
    struct steps *steps = arg;
    if (!err && steps->failed.code)
        err = &steps->failed;
    if (!err && last->more && steps->next <= steps->to)
        read_page(steps);
    else if (err)
        steps->done(steps->arg, err);
    else
        read_results(steps);
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
    artifact_call_drop(&steps->artifact);
    free(steps->list);
    arena_clear(&steps->arena);
    *steps = (struct steps){0};
}
