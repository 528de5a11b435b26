#include "core/session/rows.h"

/* What models were asked and which tools were called, of all sessions of a caller. */
struct usage_work {
    struct session_work work;
    struct row_reader reader;
    struct buffer prefix, out;
    struct json_writer w;
    struct str from, to, agent, model;
    struct session_usage total;
};

static void clear(struct session_work *work)
{
    struct usage_work *x = (struct usage_work *)work;
    buffer_clear(&x->prefix);
    buffer_clear(&x->out);
    buffer_clear(&x->reader.after);
}

static struct usage_work *begin(void *domain, struct operation_call *call,
                                const struct projection *projection)
{
    struct usage_work *x = work_new(domain, call, sizeof(*x));
    if (!x)
        return NULL;
    x->work.clear = clear;
    session_key_owner(&x->prefix, work_caller(&x->work)->tenant, work_caller(&x->work)->id);
    x->reader = (struct row_reader){
        .work = &x->work, .projection = projection, .prefix = buffer_str(&x->prefix)};
    x->w = json_writer(&x->out);
    json_begin_object(&x->w);
    return x;
}

static void finish(struct usage_work *x)
{
    struct buffer out = x->out;
    json_end_object(&x->w);
    out = x->out;
    x->out = (struct buffer)BUFFER_INIT;
    work_answer(&x->work, &out);
}

/* ---- tokens ---- */

static bool day_fits(const struct usage_work *x, struct json row)
{
    struct str day = {NULL, 0};
    json_plain(json_get(row, STR("day")), &day);
    return (!x->from.len || str_cmp(day, x->from) >= 0) && (!x->to.len || str_cmp(day, x->to) <= 0);
}

static uint64_t count_of(struct json row, const char *name)
{
    int64_t value = 0;
    json_int64(json_get(row, str_from(name)), &value);
    return value > 0 ? (uint64_t)value : 0;
}

static void put_counts(struct json_writer *w, const struct session_usage *usage)
{
    json_put_i64(w, STR("responses"), (int64_t)usage->responses);
    json_put_i64(w, STR("failures"), (int64_t)usage->failures);
    json_put_i64(w, STR("in"), (int64_t)usage->in);
    json_put_i64(w, STR("cachedIn"), (int64_t)usage->cached_in);
    json_put_i64(w, STR("out"), (int64_t)usage->out);
    json_put_i64(w, STR("reasoning"), (int64_t)usage->reasoning);
    json_key(w, STR("costUsd"));
    session_put_usd(w->out, usage->cost_nano_usd);
    w->comma = true;
}

static struct session_usage usage_of(struct json row)
{
    struct session_usage usage = {
        .responses = count_of(row, "responses"),
        .failures = count_of(row, "failures"),
        .in = count_of(row, "in"),
        .cached_in = count_of(row, "cachedIn"),
        .out = count_of(row, "out"),
        .reasoning = count_of(row, "reasoning"),
    };
    json_int64(json_get(row, STR("costNanoUsd")), &usage.cost_nano_usd);
    return usage;
}

static void add(struct session_usage *total, const struct session_usage *more)
{
    total->responses += more->responses;
    total->failures += more->failures;
    total->in += more->in;
    total->cached_in += more->cached_in;
    total->out += more->out;
    total->reasoning += more->reasoning;
    total->cost_nano_usd += more->cost_nano_usd;
}

static bool token_row(struct row_reader *reader, struct str key, struct json row)
{
    static const char *const names[] = {"day", "agent", "model"};
    struct usage_work *x = (struct usage_work *)reader->work;
    (void)key;
    if (!row_is_of(&x->work, row) || !day_fits(x, row) ||
        (x->agent.len && !json_is(json_get(row, STR("agent")), x->agent)) ||
        (x->model.len && !json_is(json_get(row, STR("model")), x->model)))
        return true;
    const struct session_usage usage = usage_of(row);
    add(&x->total, &usage);
    json_begin_object(&x->w);
    for (size_t i = 0; i < 3; i++)
        json_put_raw(&x->w, str_from(names[i]), json_text(json_get(row, str_from(names[i]))));
    put_counts(&x->w, &usage);
    json_end_object(&x->w);
    return true;
}

static void tokens_done(struct row_reader *reader)
{
    struct usage_work *x = (struct usage_work *)reader->work;
    json_end_array(&x->w);
    json_key(&x->w, STR("total"));
    json_begin_object(&x->w);
    put_counts(&x->w, &x->total);
    json_end_object(&x->w);
    finish(x);
}

void session_op_usage(void *domain, struct operation_call *call)
{
    struct usage_work *x = begin(domain, call, &session_tokens_projection);
    if (!x)
        return;
    x->from = work_text(&x->work, "from");
    x->to = work_text(&x->work, "to");
    x->agent = work_text(&x->work, "agent");
    x->model = work_text(&x->work, "model");
    json_key(&x->w, STR("rows"));
    json_begin_array(&x->w);
    x->reader.row = token_row;
    x->reader.done = tokens_done;
    rows_read(&x->reader);
}

/* ---- tools ---- */

static bool tool_row(struct row_reader *reader, struct str key, struct json row)
{
    static const char *const names[] = {"tool", "calls", "failed", "cancelled", "totalMs", "maxMs"};
    struct usage_work *x = (struct usage_work *)reader->work;
    (void)key;
    if (!row_is_of(&x->work, row))
        return true;
    json_begin_object(&x->w);
    for (size_t i = 0; i < sizeof(names) / sizeof(names[0]); i++)
        json_put_raw(&x->w, str_from(names[i]), json_text(json_get(row, str_from(names[i]))));
    json_put_i64(&x->w, STR("p95Ms"),
                 (int64_t)session_histogram_p95(json_get(row, STR("histogram"))));
    json_end_object(&x->w);
    return true;
}

static void tools_done(struct row_reader *reader)
{
    struct usage_work *x = (struct usage_work *)reader->work;
    json_end_array(&x->w);
    finish(x);
}

void session_op_tools(void *domain, struct operation_call *call)
{
    struct usage_work *x = begin(domain, call, &session_tools_projection);
    if (!x)
        return;
    json_key(&x->w, STR("tools"));
    json_begin_array(&x->w);
    x->reader.row = tool_row;
    x->reader.done = tools_done;
    rows_read(&x->reader);
}
