/* What the server says. */
#include <stdlib.h>

#include "adapters/driving/connect/bridge.h"
#include "core/json/writer.h"

/* What hexmcp answers to requests that it cannot finish, and how long it may take to go then. */
#define SHUTTING_DOWN "the server is shutting down"
#define LEAVING_MS 5000u

/* ---- questions of the server -------------------------------------------------------------- */

/* Another server may give the ids that the one before has given, so from the second on the client
 * is told another id: the number of the server, and the id in it. */
static void told_id(const struct bridge *b, struct json id, struct buffer *out)
{
    struct buffer text = BUFFER_INIT;
    if (b->link.number == 1) {
        buffer_add_str(out, json_text(id));
        return;
    }
    buffer_add_u64(&text, b->link.number);
    buffer_add_char(&text, '/');
    buffer_add_str(&text, json_text(id));
    json_quote(out, buffer_str(&text));
    buffer_clear(&text);
}

void server_own_id(struct bridge *b, struct json id, struct buffer *out)
{
    struct buffer text = BUFFER_INIT;
    if (b->link.number == 1) {
        buffer_add_str(out, json_text(id));
        return;
    }
    json_decode(id, &text);
    const char *slash = text.len ? memchr(text.data, '/', text.len) : NULL;
    if (slash)
        buffer_add(out, slash + 1, text.len - (size_t)(slash + 1 - text.data));
    buffer_clear(&text);
}

static struct asked **find_asked(struct bridge *b, struct str id)
{
    struct asked **at = &b->asked;
    while (*at && !str_eq((struct str){(*at)->id, (*at)->len}, id))
        at = &(*at)->next;
    return *at ? at : NULL;
}

static void remove_asked(struct asked **at)
{
    struct asked *gone = *at;
    *at = gone->next;
    free(gone);
}

bool server_takes_answer(struct bridge *b, struct json id)
{
    struct asked **at = find_asked(b, json_text(id));
    if (at)
        remove_asked(at);
    return at != NULL;
}

static void remember_asked(struct bridge *b, struct str id)
{
    struct asked *asked = malloc(sizeof(*asked) + id.len);
    if (!asked) {
        b->no_memory = true;
        return;
    }
    asked->next = b->asked;
    asked->len = id.len;
    memcpy(asked->id, id.ptr, id.len);
    b->asked = asked;
}

void server_forget_asked(struct bridge *b)
{
    while (b->asked) {
        struct json_writer w = json_writer(queue_line(&b->to_client));
        json_begin_object(&w);
        json_put_string(&w, STR("jsonrpc"), STR("2.0"));
        json_put_string(&w, STR("method"), STR("notifications/cancelled"));
        json_key(&w, STR("params"));
        json_begin_object(&w);
        json_put_raw(&w, STR("requestId"), (struct str){b->asked->id, b->asked->len});
        json_put_string(&w, STR("reason"), STR("the server was restarted"));
        json_end_object(&w);
        json_end_object(&w);
        queue_end_line(&b->to_client);
        remove_asked(&b->asked);
    }
}

/* Tells the client the line with the id that it knows. */
static void tell_with_id(struct bridge *b, const struct message *m, struct json id, struct str told)
{
    message_splice(queue_line(&b->to_client), m->line, id, told);
    queue_end_line(&b->to_client);
}

static void request(struct bridge *b, const struct message *m)
{
    struct buffer told = BUFFER_INIT;
    told_id(b, m->id, &told);
    remember_asked(b, buffer_str(&told));
    tell_with_id(b, m, m->id, buffer_str(&told));
    buffer_clear(&told);
}

/* ---- answers ------------------------------------------------------------------------------ */

/* It shuts down, and will be gone soon. What it leaves undone is dealt with then. */
static void leaves(struct bridge *b)
{
    if (!b->link.leaving)
        b->link.late_at = bridge_now() + LEAVING_MS;
    b->link.leaving = true;
}

static bool is_last_word(struct bridge *b, const struct pending *p, const struct message *m)
{
    struct json error = json_get(m->root, STR("error"));
    if (b->told_end)
        return false; /* it ends because we do */
    if (p && p->method == METHOD_LISTEN)
        return !json_exists(error); /* it ends only with the server */
    return json_is(json_get(error, STR("message")), STR(SHUTTING_DOWN)) && (p || b->link.leaving);
}

static void response(struct bridge *b, const struct message *m)
{
    if (restore_is_own(m->id)) {
        restore_answer(b, m);
        return;
    }
    struct pending *p = pending_find(&b->pending, json_text(m->id));
    if (is_last_word(b, p, m)) {
        leaves(b);
        return;
    }
    if (p) {
        b->link.proven = true;
        session_note(&b->session, p, json_get(m->root, STR("result")));
        pending_remove(&b->pending, p);
    }
    bridge_tell(b, m->line);
}

static void batch(struct bridge *b, const struct message *m)
{
    struct json_iter it = json_iter(m->root);
    while (json_next(&it)) {
        struct pending *p = pending_find(&b->pending, json_text(json_get(it.value, STR("id"))));
        if (p)
            pending_remove(&b->pending, p);
    }
    bridge_tell(b, m->line);
}

/* ---- notifications ------------------------------------------------------------------------ */

static void cancelled(struct bridge *b, const struct message *m)
{
    struct json id = json_get(m->params, STR("requestId"));
    struct pending *p = pending_find(&b->pending, json_text(id));
    struct buffer told = BUFFER_INIT;
    told_id(b, id, &told);
    struct asked **at = find_asked(b, buffer_str(&told));
    if (at) {
        tell_with_id(b, m, id, buffer_str(&told));
        remove_asked(at);
    } else if (p && p->method == METHOD_LISTEN && b->told_end) {
        bridge_tell(b, m->line);
    } else if (p && p->method == METHOD_LISTEN) {
        leaves(b);
    }
    buffer_clear(&told);
}

/* A request that was sent again begins anew, and its progress must not go back. */
static bool is_progress_old(struct bridge *b, const struct message *m)
{
    double progress;
    struct pending *p =
        pending_find_token(&b->pending, json_text(json_get(m->params, STR("progressToken"))));
    if (!p || !json_double(json_get(m->params, STR("progress")), &progress))
        return false;
    bool old = p->lost && p->has_progress && !(progress > p->progress);
    if (!old)
        p->progress = progress;
    p->has_progress = true;
    return old;
}

static void tell_changed(struct bridge *b, const char *method, struct json meta, struct json uri)
{
    struct json_writer w = json_writer(queue_line(&b->to_client));
    json_begin_object(&w);
    json_put_string(&w, STR("jsonrpc"), STR("2.0"));
    json_put_string(&w, STR("method"), str_from(method));
    json_key(&w, STR("params"));
    json_begin_object(&w);
    json_put_raw(&w, STR("_meta"), json_text(meta));
    if (json_exists(uri))
        json_put_raw(&w, STR("uri"), json_text(uri));
    json_end_object(&w);
    json_end_object(&w);
    queue_end_line(&b->to_client);
}

/* The client knows that it listens. What changed while nobody listened for it is not known, so all
 * that it asked for may have. */
static void listens_again(struct bridge *b, const struct message *m)
{
    static const struct {
        struct str member;
        const char *method;
    } lists[] = {
        {STR_INIT("toolsListChanged"), "notifications/tools/list_changed"},
        {STR_INIT("promptsListChanged"), "notifications/prompts/list_changed"},
        {STR_INIT("resourcesListChanged"), "notifications/resources/list_changed"},
    };
    struct json granted = json_get(m->params, STR("notifications"));
    struct json meta = json_get(m->params, STR("_meta"));
    struct json_iter uris = json_iter(json_get(granted, STR("resourceSubscriptions")));
    for (size_t i = 0; i < sizeof(lists) / sizeof(lists[0]); i++) {
        bool on = false;
        if (json_bool(json_get(granted, lists[i].member), &on) && on)
            tell_changed(b, lists[i].method, meta, json_none());
    }
    while (json_next(&uris))
        tell_changed(b, "notifications/resources/updated", meta, uris.value);
}

static void acknowledged(struct bridge *b, const struct message *m)
{
    struct json id = json_get(json_get(m->params, STR("_meta")),
                              STR("io.modelcontextprotocol/subscriptionId"));
    struct pending *p = pending_find(&b->pending, json_text(id));
    if (p && p->acknowledged)
        listens_again(b, m);
    else
        bridge_tell(b, m->line);
    if (p)
        p->acknowledged = true;
}

static void notification(struct bridge *b, const struct message *m)
{
    if (m->method == METHOD_CANCELLED)
        cancelled(b, m);
    else if (m->method == METHOD_ACKNOWLEDGED)
        acknowledged(b, m);
    else if (m->method != METHOD_PROGRESS || !is_progress_old(b, m))
        bridge_tell(b, m->line);
}

void server_line(struct bridge *b, struct str line)
{
    struct message m;
    b->used = true;
    if (message_read(line, &m)) {
        link_lost(b, "what it sent is not JSON");
        return;
    }
    if (m.shape == SHAPE_REQUEST)
        request(b, &m);
    else if (m.shape == SHAPE_NOTIFICATION)
        notification(b, &m);
    else if (m.shape == SHAPE_BATCH)
        batch(b, &m);
    else
        response(b, &m);
    message_clear(&m);
}
