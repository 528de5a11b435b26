#include <stdlib.h>

#include "core/session/rows.h"



struct list_work {
    struct session_work work;
    struct row_reader reader;
    struct buffer prefix;
    struct session *found;
    size_t count, cap;
    struct str words, tag, status, agent;
    bool failed;
};

static void clear(struct session_work *work)
{
    struct list_work *x = (struct list_work *)work;
    for (size_t i = 0; i < x->count; i++)
        session_state_clear(&x->found[i]);
    free(x->found);
    buffer_clear(&x->prefix);
    buffer_clear(&x->reader.after);
}

static char plain(char c)
{
    return c >= 'A' && c <= 'Z' ? (char)(c + 32) : c;
}

static bool contains(const struct buffer *text, struct str word)
{
    for (size_t i = 0; i + word.len <= text->len; i++) {
        size_t k = 0;
        while (k < word.len && plain(text->data[i + k]) == plain(word.ptr[k]))
            k++;
        if (k == word.len)
            return true;
    }
    return false;
}

static bool wanted(const struct list_work *x, const struct session *s)
{
    const struct caller *caller = work_caller(&x->work);
    return session_is_of(s, caller->id, caller->tenant) &&
           (!x->status.len || str_eq(str_from(session_status_name(s->status)), x->status)) &&
           (!x->agent.len || str_eq(buffer_str(&s->agent), x->agent)) &&
           (!x->tag.len || session_has_tag(s, x->tag)) &&
           (!x->words.len || contains(&s->title, x->words) || contains(&s->description, x->words) ||
            contains(&s->id, x->words));
}

static bool add(struct list_work *x, const struct session *s)
{
    if (x->count == x->cap) {
        size_t cap = x->cap ? x->cap * 2 : 64;
        struct session *found = realloc(x->found, cap * sizeof(*found));
        if (!found)
            return false;
        x->found = found;
        x->cap = cap;
    }
    x->found[x->count++] = *s;
    return true;
}

static bool row(struct row_reader *reader, struct str key, struct json value)
{
    struct list_work *x = (struct list_work *)reader->work;
    struct session s;
    (void)key;
    if (session_read(value, &s, NULL))
        return true;
    if (wanted(x, &s) && add(x, &s))
        return true;
    x->failed = x->failed || (wanted(x, &s) && x->count == x->cap);
    session_state_clear(&s);
    return !x->failed;
}

static int by_activity(const void *a, const void *b)
{
    const struct session *one = a, *two = b;
    if (one->active_ms != two->active_ms)
        return one->active_ms > two->active_ms ? -1 : 1;
    return -str_cmp(buffer_str(&one->id), buffer_str(&two->id));
}

static int by_creation(const void *a, const void *b)
{
    const struct session *one = a, *two = b;
    return -str_cmp(buffer_str(&one->id), buffer_str(&two->id));
}

static int by_title(const void *a, const void *b)
{
    const struct session *one = a, *two = b;
    int order = str_cmp(buffer_str(&one->title), buffer_str(&two->title));
    return order ? order : by_creation(a, b);
}

static void sort(struct list_work *x)
{
    struct json order = json_get(operation_arguments(x->work.call), STR("sort"));
    if (x->count > 1)
        qsort(x->found, x->count, sizeof(*x->found),
              json_is(order, STR("title"))     ? by_title
              : json_is(order, STR("created")) ? by_creation
                                               : by_activity);
}

static void done(struct row_reader *reader)
{
    struct list_work *x = (struct list_work *)reader->work;
    struct buffer out = BUFFER_INIT;
    struct json_writer w = json_writer(&out);
    uint64_t from = work_count(&x->work, "offset"), limit = work_count(&x->work, "limit");
    uint64_t end = from + (limit ? limit : 50);
    sort(x);
    json_begin_object(&w);
    json_key(&w, STR("sessions"));
    json_begin_array(&w);
    for (uint64_t i = from; i < x->count && i < end; i++)
        session_view(&w, &x->found[i]);
    json_end_array(&w);
    json_put_i64(&w, STR("total"), (int64_t)x->count);
    if (end < x->count)
        json_put_i64(&w, STR("next"), (int64_t)end);
    json_end_object(&w);
    out.failed = out.failed || x->failed;
    work_answer(&x->work, &out);
}

void session_op_list(void *domain, struct operation_call *call)
{
    struct list_work *x = work_new(domain, call, sizeof(*x));
    if (!x)
        return;
    x->work.clear = clear;
    x->words = work_text(&x->work, "query");
    x->tag = work_text(&x->work, "tag");
    x->status = work_text(&x->work, "status");
    x->agent = work_text(&x->work, "agent");
    session_key_owner(&x->prefix, work_caller(&x->work)->tenant, work_caller(&x->work)->id);
    x->reader = (struct row_reader){.work = &x->work,
                                    .projection = &session_active_projection,
                                    .prefix = buffer_str(&x->prefix),
                                    .row = row,
                                    .done = done};
    rows_read(&x->reader);
}
