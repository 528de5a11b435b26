#include "core/session/search.h"

#include "core/session/rows.h"

#define LIMIT 20u

struct search_work {
    struct session_work work;
    struct row_reader reader;
    struct buffer prefix, out, query;
    struct json_doc *hits;
    struct json_iter it; /* over the hits */
    struct json_writer w;
    struct str only;     /* this session alone; or empty */
    struct buffer last;  /* id of the session that was looked up last */
    struct buffer title;
    bool visible;        /* ... and whether it is there for the caller */
    uint64_t count;
};

static void clear(struct session_work *work)
{
    struct search_work *x = (struct search_work *)work;
    buffer_clear(&x->prefix);
    buffer_clear(&x->out);
    buffer_clear(&x->query);
    buffer_clear(&x->last);
    buffer_clear(&x->title);
    buffer_clear(&x->reader.after);
    json_free(x->hits);
}

static void next_hit(struct search_work *x);

static void finish(struct search_work *x)
{
    struct buffer out;
    json_end_array(&x->w);
    json_end_object(&x->w);
    out = x->out;
    x->out = (struct buffer)BUFFER_INIT;
    work_answer(&x->work, &out);
}

/* ---- what may be shown ---- */

static bool session_row(struct row_reader *reader, struct str key, struct json value)
{
    struct search_work *x = (struct search_work *)reader->work;
    const struct caller *caller = work_caller(&x->work);
    struct session s;
    (void)key;
    if (session_read(value, &s, NULL))
        return false;
    x->visible = session_is_of(&s, caller->id, caller->tenant) &&
                 str_eq(buffer_str(&s.id), buffer_str(&x->last));
    x->title.len = 0;
    buffer_add_str(&x->title, buffer_str(&s.title));
    session_state_clear(&s);
    return false;
}

/* Of the document "ID/VERSION". */
static int64_t version_of(struct str id)
{
    size_t i = id.len;
    int64_t version = 0;
    while (i > 0 && id.ptr[i - 1] != '/')
        i--;
    for (; i < id.len && version < INT64_MAX / 100; i++)
        version = version * 10 + (id.ptr[i] - '0');
    return version;
}

static void put_hit(struct search_work *x)
{
    static const char *const members[] = {"score", "highlights"};
    struct json fields = json_get(x->it.value, STR("fields"));
    struct str id = {NULL, 0};
    json_plain(json_get(x->it.value, STR("id")), &id);
    json_begin_object(&x->w);
    json_put_string(&x->w, STR("session"), buffer_str(&x->last));
    if (x->title.len)
        json_put_string(&x->w, STR("title"), buffer_str(&x->title));
    json_put_i64(&x->w, STR("version"), version_of(id));
    json_put_raw(&x->w, STR("type"), json_text(json_get(fields, STR("type"))));
    for (size_t i = 0; i < 2; i++) {
        struct json value = json_get(x->it.value, str_from(members[i]));
        if (json_exists(value))
            json_put_raw(&x->w, str_from(members[i]), json_text(value));
    }
    json_end_object(&x->w);
    x->count++;
}

static void looked_up(struct row_reader *reader)
{
    struct search_work *x = (struct search_work *)reader->work;
    if (x->visible)
        put_hit(x);
    next_hit(x);
}

static void look_up(struct search_work *x, struct str session)
{
    const struct caller *caller = work_caller(&x->work);
    x->last.len = x->prefix.len = x->reader.after.len = 0;
    buffer_add_str(&x->last, session);
    x->visible = false;
    session_key_owner(&x->prefix, caller->tenant, caller->id);
    session_key_part(&x->prefix, session);
    x->reader = (struct row_reader){.work = &x->work,
                                    .projection = &session_active_projection,
                                    .prefix = buffer_str(&x->prefix),
                                    .after = x->reader.after,
                                    .row = session_row,
                                    .done = looked_up};
    rows_read(&x->reader);
}

static void next_hit(struct search_work *x)
{
    struct str session;
    while (json_next(&x->it)) {
        struct json fields = json_get(x->it.value, STR("fields"));
        if (!row_is_of(&x->work, fields) ||
            !json_plain(json_get(fields, STR("session")), &session))
            continue;
        if (!str_eq(session, buffer_str(&x->last))) {
            look_up(x, session);
            return;
        }
        if (x->visible)
            put_hit(x);
    }
    finish(x);
}

/* ---- the query ---- */

static int keep_hits(struct search_work *x, struct str json, struct error *err)
{
    char *copy = session_text(json);
    return copy ? json_parse_take(copy, json.len, &x->hits, err) : no_memory(err);
}

static void found(void *arg, const struct error *err, struct str json)
{
    struct search_work *x = arg;
    struct error wrong;
    if (!err && keep_hits(x, json, &wrong))
        err = &wrong;
    if (err) {
        work_fail(&x->work, err);
        return;
    }
    x->w = json_writer(&x->out);
    x->it = json_iter(json_get(json_root(x->hits), STR("hits")));
    json_begin_object(&x->w);
    json_key(&x->w, STR("hits"));
    json_begin_array(&x->w);
    next_hit(x);
}

static void write_query(struct search_work *x)
{
    static const char *const fields[] = {"tenant", "caller", "session", "type"};
    const struct caller *caller = work_caller(&x->work);
    struct json_writer w = json_writer(&x->query);
    uint64_t limit = work_count(&x->work, "limit");
    json_begin_object(&w);
    json_put_string(&w, STR("text"), work_text(&x->work, "text"));
    json_key(&w, STR("filter"));
    json_begin_object(&w);
    json_put_string(&w, STR("tenant"), caller->tenant);
    json_put_string(&w, STR("caller"), caller->id);
    if (x->only.len)
        json_put_string(&w, STR("session"), session_of_stream(x->only));
    json_end_object(&w);
    json_put_i64(&w, STR("limit"), limit ? (int64_t)limit : LIMIT);
    json_key(&w, STR("fields"));
    json_begin_array(&w);
    for (size_t i = 0; i < sizeof(fields) / sizeof(fields[0]); i++)
        json_write_string(&w, str_from(fields[i]));
    json_end_array(&w);
    json_put_bool(&w, STR("highlight"), true);
    json_end_object(&w);
}

static void caught_up(struct session_work *work, const struct error *err)
{
    struct search_work *x = (struct search_work *)work;
    const struct search_index *search = work->sessions->parts.search;
    if (err) {
        work_fail(work, err);
        return;
    }
    write_query(x);
    search->query(search->ctx, STR(SESSIONS_SEARCH_SPACE), buffer_str(&x->query), found, x);
}

void session_op_search(void *domain, struct operation_call *call)
{
    struct search_work *x = work_new(domain, call, sizeof(*x));
    struct error err;
    if (!x)
        return;
    x->work.clear = clear;
    int rc = ST_OK;
    if (!x->work.sessions->parts.search)
        rc = error_set(&err, ST_UNSUPPORTED,
                       "the store of this server finds nothing by words; session.list looks at "
                       "titles and descriptions");
    else if (json_exists(json_get(operation_arguments(call), STR("id"))))
        rc = work_stream(&x->work, "id", &x->only, &err);
    if (rc)
        work_fail(&x->work, &err);
    else
        search_catch_up(&x->work, caught_up);
}
