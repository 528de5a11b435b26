/* What a session of the handshake era is made of, and how a new server is told. */
#include <stdlib.h>

#include "adapters/driving/connect/bridge.h"
#include "core/json/writer.h"

#define OWN_ID "\"hexmcp-connect\""
#define OWN_INITIALIZE_ID "\"hexmcp-connect-initialize\""

static void forget_kept(struct kept **at)
{
    struct kept *gone = *at;
    *at = gone->next;
    free(gone);
}

void session_clear(struct session *s)
{
    while (s->kept)
        forget_kept(&s->kept);
    free(s->initialize);
    free(s->revision);
    *s = (struct session){0};
}

static char *copy(struct str text, size_t *len)
{
    char *made = malloc(text.len + 1);
    if (made)
        memcpy(made, text.ptr, text.len);
    *len = made ? text.len : 0;
    return made;
}

static void note_initialize(struct session *s, const struct pending *p, struct json result)
{
    session_clear(s);
    s->initialize = copy((struct str){p->text, p->len}, &s->initialize_len);
    s->revision = copy(json_text(json_get(result, STR("protocolVersion"))), &s->revision_len);
}

/* True if the message `k` is about what the request `m` is about. */
static bool same_subject(const struct kept *k, const struct message *m)
{
    struct message of;
    if ((k->method == METHOD_SET_LEVEL) != (m->method == METHOD_SET_LEVEL))
        return false;
    if (k->method == METHOD_SET_LEVEL)
        return true;
    if (message_read((struct str){k->text, k->len}, &of))
        return false;
    bool same = json_same_string(json_get(of.params, STR("uri")), json_get(m->params, STR("uri")));
    message_clear(&of);
    return same;
}

static void note_change(struct session *s, const struct pending *p)
{
    struct message m;
    struct kept **at = &s->kept;
    if (pending_read(p, &m))
        return;
    while (*at)
        if (same_subject(*at, &m))
            forget_kept(at);
        else
            at = &(*at)->next;
    message_clear(&m);
    if (p->method == METHOD_UNSUBSCRIBE)
        return;
    struct kept *k = malloc(sizeof(*k) + p->len);
    if (!k)
        return;
    *k = (struct kept){.method = p->method, .len = p->len};
    memcpy(k->text, p->text, p->len);
    *at = k;
}

void session_note(struct session *s, const struct pending *p, struct json result)
{
    if (!json_exists(result) || !p->kept || p->modern)
        return;
    if (p->method == METHOD_INITIALIZE)
        note_initialize(s, p, result);
    else if (p->method == METHOD_SET_LEVEL || p->method == METHOD_SUBSCRIBE ||
             p->method == METHOD_UNSUBSCRIBE)
        note_change(s, p);
}

/* ---- to a new server ---------------------------------------------------------------------- */

static void send_as_own(struct bridge *b, struct str line, struct str id)
{
    struct message m;
    if (message_read(line, &m))
        return;
    message_splice(queue_line(&b->link.queue), line, m.id, id);
    queue_end_line(&b->link.queue);
    message_clear(&m);
    b->restore.open++;
}

void session_restore(struct bridge *b)
{
    const struct session *s = &b->session;
    if (s->initialize && s->revision)
        send_as_own(b, (struct str){s->initialize, s->initialize_len}, STR(OWN_INITIALIZE_ID));
}

static void note_lists(struct bridge *b, struct json capabilities)
{
    static const struct str names[3] = {STR_INIT("tools"), STR_INIT("prompts"),
                                        STR_INIT("resources")};
    for (size_t i = 0; i < 3; i++) {
        struct json changed = json_get(json_get(capabilities, names[i]), STR("listChanged"));
        b->restore.lists[i] = false;
        json_bool(changed, &b->restore.lists[i]);
    }
}

static void say_initialized(struct bridge *b)
{
    buffer_add_str(queue_line(&b->link.queue),
                   STR("{\"jsonrpc\":\"2.0\",\"method\":\"notifications/initialized\"}"));
    queue_end_line(&b->link.queue);
}

bool session_restored(struct bridge *b, const struct message *answer)
{
    const struct session *s = &b->session;
    struct json result = json_get(answer->root, STR("result"));
    struct str revision = json_text(json_get(result, STR("protocolVersion")));
    if (!str_eq(revision, (struct str){s->revision, s->revision_len})) {
        link_lost(b, "the server that was started anew does not open the session again: it answers "
                     "%.*s",
                  STR_ARG(json_text(answer->root)));
        link_give_up(b);
        return false;
    }
    note_lists(b, json_get(result, STR("capabilities")));
    if (s->initialized)
        say_initialized(b);
    for (const struct kept *k = s->kept; k; k = k->next)
        send_as_own(b, (struct str){k->text, k->len}, STR(OWN_ID));
    return true;
}

static void tell(struct bridge *b, const char *method, struct json uri)
{
    struct json_writer w = json_writer(queue_line(&b->to_client));
    json_begin_object(&w);
    json_put_string(&w, STR("jsonrpc"), STR("2.0"));
    json_put_string(&w, STR("method"), str_from(method));
    if (json_exists(uri)) {
        json_key(&w, STR("params"));
        json_begin_object(&w);
        json_put_raw(&w, STR("uri"), json_text(uri));
        json_end_object(&w);
    }
    json_end_object(&w);
    queue_end_line(&b->to_client);
}

void session_tell_changes(struct bridge *b)
{
    static const char *const methods[3] = {"notifications/tools/list_changed",
                                           "notifications/prompts/list_changed",
                                           "notifications/resources/list_changed"};
    if (!b->session.initialized)
        return;
    for (size_t i = 0; i < 3; i++)
        if (b->restore.lists[i])
            tell(b, methods[i], json_none());
    for (const struct kept *k = b->session.kept; k; k = k->next) {
        struct message m;
        if (k->method != METHOD_SUBSCRIBE || message_read((struct str){k->text, k->len}, &m))
            continue;
        tell(b, "notifications/resources/updated", json_get(m.params, STR("uri")));
        message_clear(&m);
    }
}
