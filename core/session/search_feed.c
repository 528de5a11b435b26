#include "core/session/search.h"

#define PROJECTION "session-search"
#define PAGE 200u
#define TEXT_MAX 65536u

/* One run over the events that came since the last one. */
struct feed {
    struct session_work *work;
    void (*done)(struct session_work *work, const struct error *err);
    uint64_t position;   /* of the checkpoint */
    uint64_t next;       /* and behind this page */
    bool more;
    struct buffer documents;
    size_t count;
};

static void read_page(struct feed *feed);

static void finish(struct feed *feed, const struct error *err)
{
    buffer_clear(&feed->documents);
    feed->done(feed->work, err);
}

static void moved(void *arg, const struct error *err, bool conflict, uint64_t position)
{
    struct feed *feed = arg;
    if (err) {
        finish(feed, err);
        return;
    }
    feed->more = feed->more || conflict; /* another process was faster: on from there */
    feed->position = conflict ? position : feed->next;
    if (feed->more)
        read_page(feed);
    else
        finish(feed, NULL);
}

static void indexed(void *arg, const struct error *err, struct str json)
{
    struct feed *feed = arg;
    const struct event_store *events = feed->work->sessions->parts.events;
    (void)json;
    if (err) {
        finish(feed, err);
        return;
    }
    const struct projection_write write = {.projection = STR(PROJECTION),
                                           .expected = feed->position,
                                           .position = feed->next};
    if (feed->next == feed->position) {
        finish(feed, NULL);
        return;
    }
    events->project(events->ctx, &write, moved, feed);
}

/* ---- documents ---- */

/* All strings of a value, one a line. */
static void add_texts(struct buffer *out, struct json value)
{
    struct json_iter it = json_iter(value);
    if (out->len > TEXT_MAX)
        return;
    if (json_type(value) == JSON_STRING) {
        json_decode(value, out);
        buffer_add_char(out, '\n');
    }
    while (json_next(&it))
        if (!json_is(it.key, STR("type")))
            add_texts(out, it.value);
}

static void add_text_of(struct buffer *out, const struct session_event *event)
{
    static const char *const members[] = {"title", "description", "parts", "result", "arguments",
                                          "error"};
    for (size_t i = 0; i < sizeof(members) / sizeof(members[0]); i++)
        add_texts(out, json_get(event->data, str_from(members[i])));
}

static void put_document(struct feed *feed, const struct stored_event *stored,
                         const struct session_event *event, struct str text)
{
    struct json_writer w = json_writer(&feed->documents);
    struct buffer id = BUFFER_INIT;
    struct json role = json_get(event->data, STR("role"));
    session_key_version(&id, session_of_stream(stored->stream), event->version);
    if (feed->count++)
        buffer_add_char(&feed->documents, ',');
    json_begin_object(&w);
    json_put_string(&w, STR("id"), buffer_str(&id));
    json_put_string(&w, STR("text"), text);
    json_key(&w, STR("fields"));
    json_begin_object(&w);
    json_put_string(&w, STR("tenant"), stored->tenant);
    json_put_string(&w, STR("caller"), stored->caller);
    json_put_string(&w, STR("session"), session_of_stream(stored->stream));
    json_put_string(&w, STR("type"), event->type);
    if (json_exists(role))
        json_put_raw(&w, STR("role"), json_text(role));
    json_end_object(&w);
    json_end_object(&w);
    buffer_clear(&id);
}

static void take(void *arg, const struct stored_event *stored)
{
    struct feed *feed = arg;
    struct buffer text = BUFFER_INIT;
    struct stored_event event;
    struct session_event view;
    struct json_doc *doc = NULL;
    /* One that cannot be read is not found by words; commands and queries name it. */
    if (!journal_upcast(feed->work->sessions->parts.journal, stored, &event, &doc, NULL) &&
        !session_event_view(&event, json_root(doc), &view, NULL)) {
        add_text_of(&text, &view);
        if (text.len)
            put_document(feed, stored, &view, buffer_str(&text));
    }
    json_free(doc);
    buffer_clear(&text);
}

static void page_done(void *arg, const struct error *err, const struct events_end *end)
{
    struct feed *feed = arg;
    const struct search_index *search = feed->work->sessions->parts.search;
    struct error failed;
    if (err) {
        finish(feed, err);
        return;
    }
    feed->next = end->position;
    feed->more = end->more;
    buffer_add_str(&feed->documents, STR("]}"));
    if (buffer_failed(&feed->documents)) {
        no_memory(&failed);
        finish(feed, &failed);
    } else if (feed->count) {
        search->index(search->ctx, STR(SESSIONS_SEARCH_SPACE), buffer_str(&feed->documents), indexed,
                      feed);
    } else {
        indexed(feed, NULL, (struct str){NULL, 0});
    }
}

static void read_page(struct feed *feed)
{
    static const struct str types[] = {
        STR_INIT("SessionCreated"),   STR_INIT("SessionRenamed"), STR_INIT("MessageSent"),
        STR_INIT("ResponseReceived"), STR_INIT("ToolCalled"),     STR_INIT("ToolReturned"),
        STR_INIT("SessionEventCopied"),
    };
    const struct event_store *events = feed->work->sessions->parts.events;
    const struct events_sink sink = {feed, take, page_done};
    const struct events_query query = {.after = feed->position,
                                       .types = types,
                                       .type_count = sizeof(types) / sizeof(types[0]),
                                       .limit = PAGE};
    feed->count = 0;
    feed->documents.len = 0;
    buffer_add_str(&feed->documents, STR("{\"documents\":["));
    events->read_all(events->ctx, &query, &sink);
}

static void checkpoint(void *arg, const struct error *err, const struct rows_result *result)
{
    struct feed *feed = arg;
    if (err) {
        finish(feed, err);
        return;
    }
    feed->position = result->position;
    read_page(feed);
}

void search_catch_up(struct session_work *work,
                     void (*done)(struct session_work *work, const struct error *err))
{
    const struct event_store *events = work->sessions->parts.events;
    const struct rows_query query = {.projection = STR(PROJECTION), .limit = 1};
    struct feed *feed = arena_alloc(&work->arena, sizeof(*feed));
    struct error err;
    if (!feed) {
        no_memory(&err);
        done(work, &err);
        return;
    }
    *feed = (struct feed){.work = work, .done = done};
    events->rows(events->ctx, &query, checkpoint, feed);
}
