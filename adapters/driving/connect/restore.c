/*
 * Between the greeting of a new server and the flow of messages: the session is opened anew, and it
 * is found out which calls may be made a second time. What the tools say of themselves is asked of
 * the new server, by the shim, when such calls are open; so nothing must be remembered of lists.
 */
#include <stdio.h>

#include "adapters/driving/connect/bridge.h"
#include "core/json/writer.h"

#define LIST_ID "hexmcp-connect-tools"

/* A request that is on two servers when they end may well be what ended them. One that only listens
 * is on all of them. */
#define LOST_MAX 2u

bool restore_is_own(struct json id)
{
    return json_is(id, STR("hexmcp-connect")) || json_is(id, STR("hexmcp-connect-initialize")) ||
           json_is(id, STR(LIST_ID));
}

/* ---- which calls are harmless ------------------------------------------------------------- */

static bool needs_listing(const struct pending *p)
{
    return p->method == METHOD_CALL && p->kept && p->lost > 0 && p->lost < LOST_MAX;
}

/* Members that say who asks, not those that belong to one request. */
static void write_meta(struct json_writer *w, struct json meta)
{
    struct json_iter it = json_iter(meta);
    json_key(w, STR("_meta"));
    json_begin_object(w);
    while (json_next(&it))
        if (!json_is(it.key, STR("progressToken")))
            json_put_member(w, it.key, it.value);
    json_end_object(w);
}

static void ask_for_tools(struct bridge *b, struct json meta, struct json cursor)
{
    struct json_writer w = json_writer(queue_line(&b->link.queue));
    json_begin_object(&w);
    json_put_string(&w, STR("jsonrpc"), STR("2.0"));
    json_put_string(&w, STR("id"), STR(LIST_ID));
    json_put_string(&w, STR("method"), STR("tools/list"));
    json_key(&w, STR("params"));
    json_begin_object(&w);
    if (json_exists(meta))
        write_meta(&w, meta);
    if (json_exists(cursor))
        json_put_raw(&w, STR("cursor"), json_text(cursor));
    json_end_object(&w);
    json_end_object(&w);
    queue_end_line(&b->link.queue);
    b->restore.open++;
    b->restore.listing = true;
}

/* A modern request can ask without a session, and no revision hides the annotations from it. */
static const struct pending *asks_for_it(const struct bridge *b)
{
    const struct pending *any = NULL;
    for (const struct pending *p = b->pending.first; p; p = p->next) {
        if (needs_listing(p) && p->modern)
            return p;
        if (needs_listing(p))
            any = p;
    }
    return any;
}

static bool list_tools(struct bridge *b, struct json cursor)
{
    const struct pending *p = asks_for_it(b);
    struct message m;
    if (!p || pending_read(p, &m))
        return false;
    ask_for_tools(b, p->modern ? json_get(m.params, STR("_meta")) : json_none(), cursor);
    message_clear(&m);
    return true;
}

static bool says(struct json tool, const char *hint)
{
    bool on = false;
    return json_bool(json_get(json_get(tool, STR("annotations")), str_from(hint)), &on) && on;
}

static void mark(struct bridge *b, struct json tool)
{
    if (!says(tool, "readOnlyHint") && !says(tool, "idempotentHint"))
        return;
    for (struct pending *p = b->pending.first; p; p = p->next) {
        struct message m;
        if (!needs_listing(p) || p->harmless || pending_read(p, &m))
            continue;
        p->harmless = json_same_string(json_get(m.params, STR("name")), json_get(tool, STR("name")));
        message_clear(&m);
    }
}

static void on_tools(struct bridge *b, const struct message *m)
{
    struct json result = json_get(m->root, STR("result"));
    struct json cursor = json_get(result, STR("nextCursor"));
    struct json_iter it = json_iter(json_get(result, STR("tools")));
    while (json_next(&it))
        mark(b, it.value);
    if (json_type(cursor) == JSON_STRING)
        list_tools(b, cursor);
}

/* ---- what becomes of each request --------------------------------------------------------- */

static void refuse_call(struct bridge *b, struct pending *p)
{
    struct message m;
    char text[400];
    struct str name = STR("");
    if (!pending_read(p, &m)) {
        name = json_text(json_get(m.params, STR("name")));
        message_clear(&m);
    }
    snprintf(text, sizeof(text),
             "the server was restarted while the tool %.*s ran. It may have done its work or not. It "
             "is not marked as read-only or idempotent, so it was not called again: see what it has "
             "done before you do",
             (int)(name.len > 130 ? 130 : name.len), name.ptr);
    bridge_refuse(b, p, text);
}

static const char *why_not_again(const struct pending *p)
{
    if (p->batch)
        return "the server was restarted; send the batch again";
    if (!p->kept)
        return "the server was restarted, and the request was too long to be kept (setting "
               "connect.max_kept_bytes); send it again";
    if (p->lost >= LOST_MAX && p->method != METHOD_LISTEN)
        return "the server ended twice while it worked on this request; it is not sent again";
    return NULL;
}

static void settle(struct bridge *b, struct pending *p)
{
    const char *why = why_not_again(p);
    if (why)
        bridge_refuse(b, p, why);
    else if (p->method == METHOD_CALL && p->lost > 0 && !p->harmless)
        refuse_call(b, p);
    else
        bridge_send(b, p);
}

static void finish(struct bridge *b)
{
    struct pending *p = b->pending.first;
    b->link.state = LINK_OPEN;
    b->link.late_at = UINT64_MAX;
    session_tell_changes(b);
    while (p) {
        struct pending *next = p->next;
        /* A batch goes with its first. */
        while (next && p->batch && next->batch == p->batch)
            next = next->next;
        settle(b, p);
        p = next;
    }
}

static void go_on(struct bridge *b)
{
    if (b->restore.open)
        return;
    if (!b->restore.listing && list_tools(b, json_none()))
        return;
    finish(b);
}

void restore_begin(struct bridge *b)
{
    b->restore = (struct restore){0};
    session_restore(b);
    go_on(b);
}

void restore_answer(struct bridge *b, const struct message *m)
{
    if (b->link.state != LINK_RESTORING || b->restore.open == 0)
        return;
    b->restore.open--;
    if (json_is(m->id, STR("hexmcp-connect-initialize")) && !session_restored(b, m))
        return;
    if (json_is(m->id, STR(LIST_ID)))
        on_tools(b, m);
    go_on(b);
}
