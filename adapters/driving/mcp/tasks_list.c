/* tasks/list (2025-11-25). */
#include "adapters/driving/mcp/cursor.h"
#include "adapters/driving/mcp/tasks.h"

static int find_start(struct request *r, uint64_t *after, struct error *err)
{
    struct json cursor = json_get(r->params, STR("cursor"));
    struct buffer scratch = BUFFER_INIT;
    struct str text;
    *after = 0;
    if (!json_exists(cursor) || json_is(cursor, STR("")))
        return ST_OK;
    int rc = json_string(cursor, &scratch, &text)
                 ? cursor_read(r->connection, STR("tasks"), text, after, err)
                 : error_set(err, ST_INVALID, "must be a string");
    buffer_clear(&scratch);
    return rc;
}

/* Writes a page; *last is the place of its last task if there are more, else 0. */
static void write_page(struct request *r, struct json_writer *w, uint64_t after, uint64_t *last)
{
    struct connection *c = r->connection;
    const struct task_service *tasks = task_service_of(c);
    struct call_context context = task_context(c);
    struct task_view view;
    struct error err;
    size_t left = c->mcp->options.page_size;
    json_key(w, STR("tasks"));
    json_begin_array(w);
    while (left && tasks->next(tasks->ctx, &context, after, &view, &err) == ST_OK) {
        json_begin_object(w);
        task_write(w, r, &view);
        json_end_object(w);
        after = view.order;
        left--;
    }
    json_end_array(w);
    *last = left == 0 && tasks->next(tasks->ctx, &context, after, &view, &err) == ST_OK ? after : 0;
}

void task_list_page(struct request *r, struct str unused)
{
    (void)unused;
    struct buffer cursor = BUFFER_INIT;
    struct error err;
    uint64_t after, last;
    if (find_start(r, &after, &err)) {
        answer_error(r, RPC_INVALID_PARAMS,
                     "\"cursor\" %s; leave it out to begin with the first page", err.text);
        return;
    }
    struct json_writer w = answer_begin(r);
    json_begin_object(&w);
    write_page(r, &w, after, &last);
    if (last && cursor_write(r->connection, STR("tasks"), last, &cursor, &err)) {
        answer_error(r, RPC_INTERNAL_ERROR, "tasks cannot be listed: %s; ask again", err.text);
    } else {
        if (last)
            json_put_string(&w, STR("nextCursor"), buffer_str(&cursor));
        json_end_object(&w);
        answer_send(r);
    }
    buffer_clear(&cursor);
}
