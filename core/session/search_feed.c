#include "core/session/search.h"

#include <stdlib.h>
#include <string.h>

#define PROJECTION "session-search"
#define PAGE 200u
#define TEXT_MAX 65536u

/* Documents that are removed by one request. */
#define REMOVED 500u

/* A session whose documents go. */
struct erased {
    char id[UUID_TEXT_SIZE];
    uint64_t version; /* those up to there are left */
};

/* One run over the events that came since the last one. */
struct feed {
    struct session_work *work;
    void (*done)(struct session_work *work, const struct error *err);
    uint64_t position;   /* of the checkpoint */
    uint64_t next;       /* and behind this page */
    bool more;
    struct buffer documents;
    size_t count;
    struct erased *erased;
    size_t erased_count;
};

static void read_page(struct feed *feed);

static void finish(struct feed *feed, const struct error *err)
{
    buffer_clear(&feed->documents);
    free(feed->erased);
    feed->erased = NULL;
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

static void move_on(struct feed *feed)
{
    const struct event_store *events = feed->work->sessions->parts.events;
    const struct projection_write write = {.projection = STR(PROJECTION),
                                           .expected = feed->position,
                                           .position = feed->next};
    if (feed->next == feed->position)
        finish(feed, NULL);
    else
        events->project(events->ctx, &write, moved, feed);
}

/* ---- what is erased ---- */

static void indexed(void *arg, const struct error *err, struct str json);

static void remove_some(struct feed *feed)
{
    const struct search_index *search = feed->work->sessions->parts.search;
    struct erased *last = &feed->erased[feed->erased_count - 1];
    struct buffer ids = BUFFER_INIT;
    struct json_writer w = json_writer(&ids);
    struct error err;
    json_begin_object(&w);
    json_key(&w, STR("ids"));
    json_begin_array(&w);
    for (unsigned i = 0; i < REMOVED && last->version; i++) {
        struct buffer id = BUFFER_INIT;
        session_key_version(&id, str_from(last->id), last->version--);
        json_write_string(&w, buffer_str(&id));
        buffer_clear(&id);
    }
    json_end_array(&w);
    json_end_object(&w);
    if (last->version == 0)
        feed->erased_count--;
    if (buffer_failed(&ids)) {
        no_memory(&err);
        finish(feed, &err);
    } else {
        search->remove(search->ctx, STR(SESSIONS_SEARCH_SPACE), buffer_str(&ids), indexed, feed);
    }
    buffer_clear(&ids);
}

static void add_erased(struct feed *feed, const struct stored_event *event)
{
    struct str id = session_of_stream(event->stream);
    struct erased *all =
        realloc(feed->erased, (feed->erased_count + 1) * sizeof(*feed->erased));
    if (!all || id.len != UUID_LENGTH) {
        feed->erased = all ? all : feed->erased;
        feed->documents.failed = feed->documents.failed || !all;
        return;
    }
    feed->erased = all;
    struct erased *one = &all[feed->erased_count++];
    memcpy(one->id, id.ptr, id.len);
    one->id[id.len] = '\0';
    one->version = event->version;
}

/* The documents of this page are in the index. */
static void indexed(void *arg, const struct error *err, struct str json)
{
    struct feed *feed = arg;
    (void)json;
    if (err)
        finish(feed, err);
    else if (feed->erased_count)
        remove_some(feed);
    else
        move_on(feed);
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
    if (str_eq(stored->type, STR("SessionErased"))) {
        add_erased(feed, stored);
        return;
    }
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
        STR_INIT("SessionEventCopied"), STR_INIT("SessionErased"),
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
