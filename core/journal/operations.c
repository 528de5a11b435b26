#include "core/journal/operations.h"

#include <stdlib.h>

#include "core/journal/access.h"
#include "core/json/writer.h"

/* An answer is not made longer than this by one event more. */
#define ANSWER_BYTES ((size_t)4 << 20)

#define LIMIT_DEFAULT 100
#define TYPES_MAX 100u

struct event_operations {
    struct event_operations_parts parts;
    struct answer *answers; /* those that are being made */
};

/* One operation while it runs. */
struct answer {
    struct event_operations *operations; /* NULL: they were freed */
    struct answer *next, **at;
    struct operation_call *call;
    struct caller caller; /* its texts are those of the call */
    struct stream_query read;
    struct events_query list;
    struct str types[TYPES_MAX];
    struct follower *follower;
    struct buffer text;
    struct json_writer writer;
    bool raw;
    bool owned;  /* read: the stream is the caller's */
    bool cut;    /* the answer is long enough */
    uint64_t last;
    struct error error; /* with a code: it cannot be answered */
};

static void unlink_answer(struct answer *a)
{
    if (!a->operations)
        return;
    *a->at = a->next;
    if (a->next)
        a->next->at = a->at;
    a->operations = NULL;
}

static void answer_free(struct answer *a)
{
    unlink_answer(a);
    follow_stop(a->follower);
    buffer_clear(&a->text);
    free(a);
}

static void answer_fail(struct answer *a, const struct error *err)
{
    operation_fail(a->call, err);
    answer_free(a);
}

static struct str text_of(struct json v)
{
    struct str text = {NULL, 0};
    json_plain(v, &text);
    return text;
}

static uint64_t number_of(struct json v)
{
    int64_t n = 0;
    json_int64(v, &n);
    return (uint64_t)n;
}

static struct answer *answer_new(struct event_operations *operations, struct operation_call *call)
{
    struct answer *a = calloc(1, sizeof(*a));
    struct error err;
    if (!a) {
        error_set(&err, ST_NOMEM, "out of memory");
        operation_fail(call, &err);
        return NULL;
    }
    struct json arguments = operation_arguments(call);
    a->operations = operations;
    a->next = operations->answers;
    a->at = &operations->answers;
    if (a->next)
        a->next->at = &a->next;
    operations->answers = a;
    a->call = call;
    a->caller = *operation_context(call)->caller;
    json_bool(json_get(arguments, STR("raw")), &a->raw);
    return a;
}

static uint32_t limit_of(struct json arguments)
{
    int64_t limit = LIMIT_DEFAULT;
    json_int64(json_get(arguments, STR("limit")), &limit);
    return (uint32_t)limit;
}

/* ---- events into the answer ----------------------------------------------------------------- */

static int write_event(const struct answer *a, struct buffer *out, const struct stored_event *event,
                       struct error *err)
{
    struct stored_event newest;
    struct json_doc *doc;
    if (a->raw) {
        journal_write_event(out, event);
        return ST_OK;
    }
    int rc = journal_upcast(a->operations->parts.journal, event, &newest, &doc, err);
    if (rc)
        return rc;
    journal_write_event(out, &newest);
    json_free(doc);
    return ST_OK;
}

static void add_event(struct answer *a, const struct stored_event *event)
{
    struct buffer one = BUFFER_INIT;
    if (a->cut || a->error.code)
        return;
    a->cut = a->text.len > 0 && a->text.len + event->data.len > ANSWER_BYTES;
    if (a->cut)
        return;
    if (!write_event(a, &one, event, &a->error)) {
        json_write_raw(&a->writer, buffer_str(&one));
        a->last = event->position;
    }
    a->text.failed = a->text.failed || one.failed;
    buffer_clear(&one);
}

static void begin_text(struct answer *a)
{
    a->writer = json_writer(&a->text);
    json_begin_object(&a->writer);
    json_key(&a->writer, STR("events"));
    json_begin_array(&a->writer);
}

static void end_text(struct answer *a, const char *name, uint64_t number, bool more)
{
    struct error err;
    json_end_array(&a->writer);
    json_key(&a->writer, str_from(name));
    json_write_u64(&a->writer, number);
    json_put_bool(&a->writer, STR("more"), more);
    json_end_object(&a->writer);
    if (buffer_failed(&a->text)) {
        error_set(&err, ST_NOMEM, "out of memory");
        answer_fail(a, &err);
        return;
    }
    operation_answer(a->call, buffer_str(&a->text));
    answer_free(a);
}

/* What failed is told, if somebody is still there. True: go on. */
static bool may_end(struct answer *a, const struct error *err)
{
    if (!a->operations) {
        answer_free(a);
        return false;
    }
    if (err || a->error.code) {
        answer_fail(a, err ? err : &a->error);
        return false;
    }
    return true;
}

/* ---- event.list ----------------------------------------------------------------------------- */

static void list_event(void *arg, const struct stored_event *event)
{
    struct answer *a = arg;
    if (a->operations && access_sees(&a->caller, event))
        add_event(a, event);
}

static void list_done(void *arg, const struct error *err, const struct events_end *end)
{
    struct answer *a = arg;
    if (may_end(a, err))
        end_text(a, "position", a->cut ? a->last : end->position, end->more || a->cut);
}

static size_t take_types(struct answer *a, struct json types)
{
    struct json_iter it = json_iter(types);
    size_t count = 0;
    while (count < TYPES_MAX && json_next(&it))
        a->types[count++] = text_of(it.value);
    return count;
}

static void run_list(void *domain, struct operation_call *call)
{
    struct event_operations *operations = domain;
    struct json arguments = operation_arguments(call);
    struct answer *a = answer_new(operations, call);
    if (!a)
        return;
    begin_text(a);
    a->list = (struct events_query){.after = number_of(json_get(arguments, STR("after"))),
                                    .types = a->types,
                                    .type_count =
                                        take_types(a, json_get(arguments, STR("types"))),
                                    .limit = limit_of(arguments)};
    const struct events_sink sink = {a, list_event, list_done};
    const struct event_store *events = operations->parts.events;
    events->read_all(events->ctx, &a->list, &sink);
}

/* ---- event.read ----------------------------------------------------------------------------- */

static void read_event(void *arg, const struct stored_event *event)
{
    struct answer *a = arg;
    if (a->operations)
        add_event(a, event);
}

static void read_done(void *arg, const struct error *err, const struct events_end *end)
{
    struct answer *a = arg;
    if (may_end(a, err))
        end_text(a, "version", end->version, end->more || a->cut);
}

/* A stream is its first event's caller's. */
static void first_event(void *arg, const struct stored_event *event)
{
    struct answer *a = arg;
    a->owned = access_sees(&a->caller, event);
}

static void first_done(void *arg, const struct error *err, const struct events_end *end)
{
    struct answer *a = arg;
    struct error none;
    (void)end;
    if (!may_end(a, err))
        return;
    if (!a->owned) {
        error_set(&none, ST_NOT_FOUND, "there is no stream \"%.*s\"", STR_ARG(a->read.stream));
        answer_fail(a, &none);
        return;
    }
    begin_text(a);
    const struct events_sink sink = {a, read_event, read_done};
    const struct event_store *events = a->operations->parts.events;
    events->read(events->ctx, &a->read, &sink);
}

static void run_read(void *domain, struct operation_call *call)
{
    struct event_operations *operations = domain;
    struct json arguments = operation_arguments(call);
    struct answer *a = answer_new(operations, call);
    if (!a)
        return;
    a->read = (struct stream_query){
        .stream = text_of(json_get(arguments, STR("stream"))),
        .from = number_of(json_get(arguments, STR("from"))),
        .to = number_of(json_get(arguments, STR("to"))),
        .until_ms = (int64_t)number_of(json_get(arguments, STR("untilMs"))),
        .limit = limit_of(arguments),
    };
    json_bool(json_get(arguments, STR("backward")), &a->read.backward);
    const struct stream_query first = {.stream = a->read.stream, .to = 1, .limit = 1};
    const struct events_sink sink = {a, first_event, first_done};
    const struct event_store *events = operations->parts.events;
    events->read(events->ctx, &first, &sink);
}

/* ---- event.tail ----------------------------------------------------------------------------- */

static void end_tail(struct answer *a)
{
    operation_answer(a->call, STR("{}"));
    answer_free(a);
}

static bool tail_event(void *arg, const struct stored_event *event)
{
    struct answer *a = arg;
    struct error err;
    if (!access_sees(&a->caller, event))
        return true;
    buffer_reset(&a->text, 65536);
    if (write_event(a, &a->text, event, &err)) {
        answer_fail(a, &err);
        return true;
    }
    if (operation_piece(a->call, buffer_str(&a->text), (struct str){NULL, 0}))
        return true;
    error_set(&err, ST_UNSUPPORTED, "event.tail answers in pieces, and nobody takes them");
    answer_fail(a, &err);
    return true;
}

static void tail_reached(void *arg, uint64_t position)
{
    struct answer *a = arg;
    (void)position;
    if (operation_cancelled(a->call))
        end_tail(a);
}

static void tail_failed(void *arg, const struct error *err)
{
    answer_fail(arg, err);
}

static void run_tail(void *domain, struct operation_call *call)
{
    struct event_operations *operations = domain;
    struct json arguments = operation_arguments(call), after = json_get(arguments, STR("after"));
    struct answer *a = answer_new(operations, call);
    struct error err;
    if (!a)
        return;
    const struct follow_what what = {.after = number_of(after),
                                     .from_end = !json_exists(after),
                                     .types = a->types,
                                     .type_count =
                                         take_types(a, json_get(arguments, STR("types")))};
    const struct follow_sink sink = {a, tail_event, tail_reached, tail_failed};
    if (follow_start(operations->parts.followers, &what, &sink, &a->follower, &err))
        answer_fail(a, &err);
}

/* ---- the table ------------------------------------------------------------------------------ */

#define TYPES "\"types\":{\"type\":\"array\",\"description\":\"Only events of these types.\"," \
              "\"maxItems\":100,\"items\":{\"type\":\"string\",\"minLength\":1,\"maxLength\":100}}"
#define RAW "\"raw\":{\"type\":\"boolean\",\"description\":\"As they were written, also those of a " \
            "newer hexmcp; else in the newest shape.\"}"
#define LIMIT "\"limit\":{\"type\":\"integer\",\"minimum\":1,\"maximum\":1000,\"default\":100}"
#define NUMBER "{\"type\":\"integer\",\"minimum\":0"

static const struct operation table[] = {
    {"event.list", "List events",
     "Events of all streams in the order in which they were stored. `position` of the answer is `after` "
     "of the next one.",
     "{\"type\":\"object\",\"properties\":{\"after\":" NUMBER
     ",\"description\":\"Position behind which to begin.\"}," TYPES "," LIMIT "," RAW
     "},\"additionalProperties\":false}",
     OPERATION_READS, run_list},
    {"event.read", "Read a stream",
     "Events of one stream, such as session/ID, in the order of their versions.",
     "{\"type\":\"object\",\"properties\":{\"stream\":{\"type\":\"string\",\"minLength\":3,"
     "\"maxLength\":255},\"from\":" NUMBER ",\"description\":\"First version.\"},\"to\":" NUMBER
     ",\"description\":\"Last version.\"},\"untilMs\":" NUMBER
     ",\"description\":\"Not later than this, in milliseconds since 1970 UTC.\"},"
     "\"backward\":{\"type\":\"boolean\"}," LIMIT "," RAW
     "},\"required\":[\"stream\"],\"additionalProperties\":false}",
     OPERATION_READS, run_read},
    {"event.tail", "Follow events",
     "Events as they are stored, each a piece of the answer, until the operation is cancelled; with "
     "`after` first those that were stored behind that position.",
     "{\"type\":\"object\",\"properties\":{\"after\":" NUMBER "}," TYPES "," RAW
     "},\"additionalProperties\":false}",
     OPERATION_READS, run_tail},
};

int event_operations_new(const struct event_operations_parts *parts, struct operations *operations,
                         struct event_operations **out, struct error *err)
{
    struct event_operations *made = calloc(1, sizeof(*made));
    if (!made)
        return error_set(err, ST_NOMEM, "out of memory");
    made->parts = *parts;
    int rc = operations_add(operations, table, sizeof(table) / sizeof(table[0]), made, err);
    if (rc) {
        free(made);
        return rc;
    }
    *out = made;
    return ST_OK;
}

void event_operations_free(struct event_operations *operations)
{
    if (!operations)
        return;
    for (struct answer *a = operations->answers, *next; a; a = next) {
        next = a->next;
        unlink_answer(a);
        if (a->follower)
            answer_free(a); /* the store does not hold it */
    }
    free(operations);
}
