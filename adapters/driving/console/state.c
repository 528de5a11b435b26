/* What goes on in the server, as JSON. */
#include "adapters/driving/console/parts.h"

/* Of ten thousand connections a person looks at these. */
#define LISTED_MAX 500

struct list {
    struct buffer text;
    struct json_writer w;
    size_t written;
    size_t left_out;
};

struct lists {
    const struct caller *viewer;
    struct list connections, sessions, plugins, counters;
};

static void list_begin(struct list *list)
{
    list->w = json_writer(&list->text);
    json_begin_array(&list->w);
}

/* False: the list is long enough. */
static bool list_take(struct list *list)
{
    if (list->written == LISTED_MAX) {
        list->left_out++;
        return false;
    }
    list->written++;
    return true;
}

static void put_u64(struct json_writer *w, struct str key, uint64_t value)
{
    json_key(w, key);
    json_write_u64(w, value);
}

static void on_connection(void *ctx, const struct activity_connection *one)
{
    struct lists *lists = ctx;
    struct json_writer *w = &lists->connections.w;
    if (!may_see(lists->viewer, one->caller) || !list_take(&lists->connections))
        return;
    json_begin_object(w);
    json_put_string(w, STR("transport"), one->wire);
    json_put_string(w, STR("peer"), one->peer);
    json_put_string(w, STR("caller"), one->caller->id);
    json_put_i64(w, STR("opened_ms"), one->opened_ms);
    put_u64(w, STR("received"), one->received);
    put_u64(w, STR("sent"), one->sent);
    put_u64(w, STR("pending"), one->pending);
    json_end_object(w);
}

/* Enough to tell sessions apart, and too little to use one. */
static struct str shortened(struct str id)
{
    return (struct str){id.ptr, id.len > 16 ? 8 : id.len / 2};
}

static void on_session(void *ctx, const struct activity_session *one)
{
    struct lists *lists = ctx;
    struct json_writer *w = &lists->sessions.w;
    if (!may_see(lists->viewer, one->caller) || !list_take(&lists->sessions))
        return;
    json_begin_object(w);
    json_put_string(w, STR("id"), shortened(one->id));
    json_put_string(w, STR("protocol"), one->protocol);
    json_put_string(w, STR("client"), one->client);
    json_put_string(w, STR("caller"), one->caller->id);
    json_put_i64(w, STR("created_ms"), one->created_ms);
    json_put_i64(w, STR("used_ms"), one->used_ms);
    json_end_object(w);
}

static void on_plugin(void *ctx, const struct activity_plugin *one)
{
    struct lists *lists = ctx;
    struct json_writer *w = &lists->plugins.w;
    if (!list_take(&lists->plugins))
        return;
    json_begin_object(w);
    json_put_string(w, STR("id"), one->id);
    json_put_string(w, STR("title"), one->title);
    json_put_string(w, STR("version"), one->version);
    json_put_string(w, STR("state"), one->state);
    json_put_string(w, STR("origin"), one->origin);
    json_put_string(w, STR("reason"), one->reason);
    json_end_object(w);
}

static void on_counter(void *ctx, const struct activity_counter *one)
{
    struct lists *lists = ctx;
    struct json_writer *w = &lists->counters.w;
    if (!list_take(&lists->counters))
        return;
    json_begin_object(w);
    json_put_string(w, STR("name"), one->name);
    put_u64(w, STR("value"), one->value);
    json_end_object(w);
}

/* A failure of the list becomes one of the whole. */
static void put_list(struct json_writer *w, struct str key, struct list *list)
{
    json_end_array(&list->w);
    w->out->failed |= buffer_failed(&list->text);
    if (!buffer_failed(&list->text))
        json_put_raw(w, key, buffer_str(&list->text));
    buffer_clear(&list->text);
}

static void gather(const struct console_module *console, struct lists *lists)
{
    const struct activity_visitor visitor = {lists, on_connection, on_session, on_plugin,
                                             on_counter};
    list_begin(&lists->connections);
    list_begin(&lists->sessions);
    list_begin(&lists->plugins);
    list_begin(&lists->counters);
    for (size_t i = 0; i < console->options.source_count; i++) {
        const struct activity_source *source = &console->options.sources[i];
        source->visit(source->ctx, &visitor);
    }
}

void state_handle(void *ctx, struct http_request *request)
{
    const struct console_module *console = ctx;
    const struct clock_port *clock = console->options.clock;
    struct lists lists = {.viewer = request->caller};
    struct buffer text = BUFFER_INIT;
    struct json_writer w = json_writer(&text);
    if (!reply_is_get(request))
        return;
    gather(console, &lists);
    json_begin_object(&w);
    json_put_string(&w, STR("server"), console->options.server_name);
    json_put_string(&w, STR("version"), console->options.server_version);
    json_put_i64(&w, STR("started_ms"), console->started_ms);
    json_put_i64(&w, STR("now_ms"), clock->wall_ms(clock->ctx));
    put_list(&w, STR("plugins"), &lists.plugins);
    put_list(&w, STR("connections"), &lists.connections);
    put_u64(&w, STR("connections_left_out"), lists.connections.left_out);
    put_list(&w, STR("sessions"), &lists.sessions);
    put_u64(&w, STR("sessions_left_out"), lists.sessions.left_out);
    put_list(&w, STR("counters"), &lists.counters);
    json_end_object(&w);
    reply_json(request, &text);
    buffer_clear(&text);
}
