#include "core/session/rows.h"

#define LIMIT 100u

struct history_work {
    struct session_work work;
    struct row_reader reader;
    struct str stream;
    struct buffer prefix, out;
    struct json_writer w;
    uint64_t version; /* as of that one */
    int64_t until_ms; /* as of then; 0: no bound */
    uint64_t limit, items;
    uint64_t last; /* version of the last item */
    bool more;
};

static void clear(struct session_work *work)
{
    struct history_work *x = (struct history_work *)work;
    buffer_clear(&x->prefix);
    buffer_clear(&x->out);
    buffer_clear(&x->reader.after);
}

static bool is_beyond(const struct history_work *x, struct json item)
{
    int64_t version = 0, at = 0;
    json_int64(json_get(item, STR("version")), &version);
    json_int64(json_get(item, STR("atMs")), &at);
    return (x->version && (uint64_t)version > x->version) || (x->until_ms && at > x->until_ms);
}

static void put_item(struct json_writer *w, struct json item)
{
    struct json_iter it = json_iter(item);
    int64_t at;
    while (json_next(&it)) {
        if (json_is(it.key, STR("atMs")) && json_int64(it.value, &at))
            put_time(w, STR("at"), at);
        else if (!json_is(it.key, STR("returned")))
            json_put_member(w, it.key, it.value);
    }
}

/* A call whose end came later is open, as it was then. */
static void write_item(struct history_work *x, struct json item)
{
    struct json returned = json_get(item, STR("returned"));
    json_begin_object(&x->w);
    put_item(&x->w, item);
    if (json_exists(returned) && !is_beyond(x, returned)) {
        json_key(&x->w, STR("returned"));
        json_begin_object(&x->w);
        put_item(&x->w, returned);
        json_end_object(&x->w);
    }
    json_end_object(&x->w);
}

static bool row(struct row_reader *reader, struct str key, struct json item)
{
    struct history_work *x = (struct history_work *)reader->work;
    int64_t version = 0;
    (void)key;
    if (is_beyond(x, item))
        return reader->backward;
    if (x->items == x->limit) {
        x->more = true;
        return false;
    }
    json_int64(json_get(item, STR("version")), &version);
    write_item(x, item);
    x->items++;
    x->last = (uint64_t)version;
    return true;
}

static void done(struct row_reader *reader)
{
    struct history_work *x = (struct history_work *)reader->work;
    struct buffer out;
    json_end_array(&x->w);
    if (x->more)
        json_put_i64(&x->w, STR("next"), (int64_t)x->last);
    json_end_object(&x->w);
    out = x->out;
    x->out = (struct buffer)BUFFER_INIT;
    work_answer(&x->work, &out);
}

static void loaded(struct session_work *work, const struct session *session, uint64_t position)
{
    struct history_work *x = (struct history_work *)work;
    struct str id = buffer_str(&session->id);
    uint64_t after = work_count(work, "after");
    if (position > work->sessions->seen)
        work->sessions->seen = position;
    x->w = json_writer(&x->out);
    json_begin_object(&x->w);
    json_put_string(&x->w, STR("id"), id);
    json_put_i64(&x->w, STR("version"), (int64_t)(x->version ? x->version : session->version));
    json_key(&x->w, STR("items"));
    json_begin_array(&x->w);
    session_key_part(&x->prefix, id);
    buffer_add_char(&x->prefix, '/');
    if (after)
        session_key_version(&x->reader.after, id, after);
    x->reader.prefix = buffer_str(&x->prefix);
    rows_read(&x->reader);
}

void session_op_history(void *domain, struct operation_call *call)
{
    struct history_work *x = work_new(domain, call, sizeof(*x));
    struct error err;
    if (!x)
        return;
    x->work.clear = clear;
    x->version = work_count(&x->work, "version");
    x->until_ms = (int64_t)work_count(&x->work, "atMs");
    x->limit = work_count(&x->work, "limit");
    x->limit = x->limit ? x->limit : LIMIT;
    x->reader = (struct row_reader){
        .work = &x->work, .projection = &session_history_projection, .row = row, .done = done};
    json_bool(json_get(operation_arguments(call), STR("backward")), &x->reader.backward);
    if (work_stream(&x->work, "id", &x->stream, &err))
        work_fail(&x->work, &err);
    else
        work_load(&x->work, x->stream, loaded);
}
