#include "tests/adapters/mcp/ledger.h"

#include <stdlib.h>
#include <string.h>

#include "core/base/buffer.h"
#include "core/json/json.h"

#define META_PREFIX "io.modelcontextprotocol/"

/* One request of the client. */
struct entry {
    char *id;     /* JSON text */
    char *token;  /* of its progress, JSON text; NULL: it wants none */
    char *method; /* decoded, "" if it has none */
    bool modern;
    bool batch;
    bool open;
    bool task; /* it started a task of the handshake era, whose progress has its token */
    int level; /* the lowest that it logs, or sets; -1: none */
    double progress;
    bool progressed;
    bool acknowledged; /* subscriptions/listen */
    bool doubtful;     /* a batch cancelled it, which may have been refused as a whole */
};

/* One request of the server. */
struct own {
    char *id;
    bool open;
};

struct ledger {
    void (*fault)(void *user, const char *rule, struct str message);
    void *user;
    struct entry *entries;
    size_t entry_count;
    struct own *own;
    size_t own_count;
    bool session;
    int level; /* of the session */
    struct str message; /* that is being looked at */
};

struct ledger *ledger_new(void (*fault)(void *user, const char *rule, struct str message),
                          void *user)
{
    struct ledger *l = calloc(1, sizeof(*l));
    if (!l)
        abort();
    l->fault = fault;
    l->user = user;
    l->level = LOG_LEVEL_INFO;
    return l;
}

void ledger_free(struct ledger *l)
{
    for (size_t i = 0; i < l->entry_count; i++) {
        free(l->entries[i].id);
        free(l->entries[i].token);
        free(l->entries[i].method);
    }
    for (size_t i = 0; i < l->own_count; i++)
        free(l->own[i].id);
    free(l->entries);
    free(l->own);
    free(l);
}

static void hold(struct ledger *l, bool rule, const char *text)
{
    if (!rule)
        l->fault(l->user, text, l->message);
}

static char *copy(struct str text)
{
    char *out = malloc(text.len + 1);
    if (!out)
        abort();
    if (text.len)
        memcpy(out, text.ptr, text.len);
    out[text.len] = '\0';
    return out;
}

static void *grown(void *array, size_t count, size_t size)
{
    if (count & (count - 1))
        return array;
    void *more = realloc(array, (count ? count * 2 : 1) * size);
    if (!more)
        abort();
    return more;
}

static bool is_text(const char *text, struct json value)
{
    return text && json_exists(value) && str_eq(str_from(text), json_text(value));
}

static bool is_id(struct json id)
{
    return json_type(id) == JSON_STRING || json_is_integer_text(id);
}

static bool is_response(struct json v)
{
    bool result = json_exists(json_get(v, STR("result"))) && json_exists(json_get(v, STR("id")));
    return !json_exists(json_get(v, STR("method"))) &&
           (result || json_exists(json_get(v, STR("error"))));
}

static int level_of(struct json value)
{
    static const char *const names[] = {"debug", "info",     "notice", "warning",
                                        "error", "critical", "alert",  "emergency"};
    for (int i = 0; i < 8; i++)
        if (json_is(value, str_from(names[i])))
            return i;
    return -1;
}

/* ---- what comes --------------------------------------------------------------------------- */

static bool is_modern(const struct ledger *l, struct json method, struct json meta)
{
    struct json version = json_get(meta, STR(META_PREFIX "protocolVersion"));
    struct json abilities = json_get(meta, STR(META_PREFIX "clientCapabilities"));
    if (json_is(method, STR("initialize")) && !json_is(version, STR("2026-07-28")))
        return false;
    return json_exists(version) || (!l->session && json_exists(abilities));
}

static void note_request(struct ledger *l, struct json v, bool batch)
{
    struct json params = json_get(v, STR("params")), meta = json_get(params, STR("_meta"));
    struct json method = json_get(v, STR("method")), token = json_get(meta, STR("progressToken"));
    struct buffer scratch = BUFFER_INIT;
    struct str name = STR("");
    struct entry entry = {
        .id = copy(json_text(json_get(v, STR("id")))),
        .token = json_exists(token) ? copy(json_text(token)) : NULL,
        .modern = is_modern(l, method, meta),
        .batch = batch,
        .open = true,
        .level = -1,
    };
    json_string(method, &scratch, &name);
    entry.method = copy(name);
    buffer_clear(&scratch);
    if (entry.modern)
        entry.level = level_of(json_get(meta, STR(META_PREFIX "logLevel")));
    else if (json_is(method, STR("logging/setLevel")))
        entry.level = level_of(json_get(params, STR("level")));
    /* In a batch the level counts before the response is sent. */
    if (batch && !entry.modern && entry.level >= 0 && entry.level < l->level)
        l->level = entry.level;
    l->entries = grown(l->entries, l->entry_count, sizeof(entry));
    l->entries[l->entry_count++] = entry;
}

/* Ids of requests are compared decoded, those of responses as text. */
static bool same_id(const char *text, struct json id)
{
    struct json_doc *doc;
    if (json_parse(str_from(text), &doc, NULL))
        abort();
    struct json other = json_root(doc);
    bool same = json_type(other) == json_type(id) &&
                (json_type(id) == JSON_STRING ? json_same_string(other, id) : is_text(text, id));
    json_free(doc);
    return same;
}

/* A member of a batch may have its answer, which waits for the others. */
static void note_cancelled(struct ledger *l, struct json id, bool batch)
{
    for (size_t i = 0; json_exists(id) && i < l->entry_count; i++) {
        struct entry *e = &l->entries[i];
        if (!e->open || e->batch || !same_id(e->id, id))
            continue;
        e->open = batch;
        e->doubtful = batch;
    }
}

static void note_response(struct ledger *l, struct json id, bool batch)
{
    for (size_t i = 0; json_exists(id) && i < l->own_count; i++)
        if (l->own[i].open && same_id(l->own[i].id, id))
            l->own[i].open = batch;
}

static void note_one(struct ledger *l, struct json v, bool batch)
{
    struct json id = json_get(v, STR("id"));
    if (is_response(v))
        note_response(l, id, batch);
    else if (is_id(id))
        note_request(l, v, batch);
    else if (json_is(json_get(v, STR("method")), STR("notifications/cancelled")))
        note_cancelled(l, json_get(json_get(v, STR("params")), STR("requestId")), batch);
}

void ledger_given(struct ledger *l, struct str message)
{
    struct json_doc *doc;
    if (json_parse(message, &doc, NULL))
        return;
    struct json root = json_root(doc);
    struct json_iter it = json_iter(root);
    if (json_type(root) == JSON_ARRAY)
        while (json_next(&it))
            note_one(l, it.value, true);
    else
        note_one(l, root, false);
    json_free(doc);
}

/* ---- responses ---------------------------------------------------------------------------- */

/* Of several with this id, which is the client's fault, the newest is refused at once as an invalid
 * request, and the oldest goes on. One that may have been cancelled counts last: if it is still there,
 * the others have been refused. */
static struct entry *answered_entry(struct ledger *l, struct json id, bool batch, bool newest)
{
    struct entry *found = NULL;
    for (size_t i = 0; i < l->entry_count; i++) {
        struct entry *e = &l->entries[i];
        if (!e->open || e->batch != batch || !is_text(e->id, id))
            continue;
        if (!found || newest || (found->doubtful && !e->doubtful))
            found = e;
    }
    return found;
}

static void note_result(struct ledger *l, struct entry *e, struct json result)
{
    bool type = json_type(json_get(result, STR("resultType"))) == JSON_STRING;
    hold(l, json_type(result) == JSON_OBJECT, "a result is an object");
    hold(l, e->modern == type, "resultType is in modern results alone");
    if (!e->modern && strcmp(e->method, "initialize") == 0)
        l->session = true;
    if (!e->modern && strcmp(e->method, "logging/setLevel") == 0)
        l->level = e->level;
    e->task = !e->modern && json_exists(json_get(result, STR("task")));
}

static void check_error(struct ledger *l, struct json error)
{
    hold(l, json_is_integer_text(json_get(error, STR("code"))), "an error has a code");
    hold(l, json_type(json_get(error, STR("message"))) == JSON_STRING, "an error has a message");
}

static void sent_response(struct ledger *l, struct json v, bool batch)
{
    struct json id = json_get(v, STR("id")), result = json_get(v, STR("result"));
    struct json error = json_get(v, STR("error"));
    hold(l, json_exists(result) != json_exists(error), "a response has a result or an error");
    if (json_exists(error))
        check_error(l, error);
    if (!json_exists(id) || json_type(id) == JSON_NULL) {
        hold(l, json_exists(error), "only an error may lack the id");
        return;
    }
    struct entry *e = answered_entry(l, id, batch, is_text("-32600", json_get(error, STR("code"))));
    hold(l, e != NULL, "a response answers a request that was asked, and not answered or cancelled");
    if (!e)
        return;
    e->open = false;
    if (json_exists(result))
        note_result(l, e, result);
}

/* ---- requests and notifications of the server ---------------------------------------------- */

static bool may_ask(const struct entry *e)
{
    static const char *const methods[] = {"tools/call", "prompts/get", "resources/read",
                                          "tasks/result"};
    for (size_t i = 0; i < 4; i++)
        if (e->open && !e->modern && strcmp(e->method, methods[i]) == 0)
            return true;
    return false;
}

static void sent_request(struct ledger *l, struct json v)
{
    struct json id = json_get(v, STR("id"));
    bool asking = false;
    for (size_t i = 0; i < l->entry_count; i++)
        asking |= may_ask(&l->entries[i]);
    hold(l, l->session, "a modern connection is sent no request");
    hold(l, asking, "a request of the server belongs to a request of the handshake era");
    hold(l, json_type(id) == JSON_STRING, "ids of the server are strings");
    for (size_t i = 0; i < l->own_count; i++)
        hold(l, !is_text(l->own[i].id, id), "the server uses no id twice");
    l->own = grown(l->own, l->own_count, sizeof(*l->own));
    l->own[l->own_count++] = (struct own){.id = copy(json_text(id)), .open = true};
}

static void sent_progress(struct ledger *l, struct json params, bool taken)
{
    struct json token = json_get(params, STR("progressToken"));
    struct entry *found = NULL;
    size_t users = 0;
    double progress = 0;
    hold(l, json_double(json_get(params, STR("progress")), &progress), "progress is a number");
    for (size_t i = 0; i < l->entry_count; i++) {
        struct entry *e = &l->entries[i];
        if ((!e->open && !e->task) || !is_text(e->token, token))
            continue;
        found = e;
        users++;
    }
    hold(l, found != NULL, "progress is of a request that goes on");
    if (users != 1 || !taken) /* a token that is used twice is the client's fault */
        return;
    hold(l, !found->progressed || progress > found->progress, "progress rises");
    found->progressed = true;
    found->progress = progress;
}

static void sent_log(struct ledger *l, struct json params)
{
    int level = level_of(json_get(params, STR("level")));
    bool wanted = l->session && level >= l->level;
    hold(l, level >= 0, "a log message has a level");
    for (size_t i = 0; i < l->entry_count; i++) {
        const struct entry *e = &l->entries[i];
        wanted |= e->open && e->modern && e->level >= 0 && level >= e->level;
    }
    hold(l, wanted, "a log message is of a session or of an open request that asked for it");
}

static void sent_cancelled(struct ledger *l, struct json params)
{
    struct json id = json_get(params, STR("requestId"));
    for (size_t i = 0; i < l->own_count; i++)
        if (l->own[i].open && is_text(l->own[i].id, id)) {
            l->own[i].open = false;
            return;
        }
    struct entry *e = answered_entry(l, id, false, false);
    hold(l, e && strcmp(e->method, "subscriptions/listen") == 0,
         "the server cancels its own open requests, and what listens");
}

static void sent_on_subscription(struct ledger *l, struct json method, struct json id, bool taken)
{
    struct entry *e = answered_entry(l, id, false, false);
    bool begins = json_is(method, STR("notifications/subscriptions/acknowledged"));
    bool listens = e && e->modern && strcmp(e->method, "subscriptions/listen") == 0;
    hold(l, listens, "a subscription is of a listen request that is open");
    hold(l, !listens || begins != e->acknowledged || json_is(method, STR("notifications/cancelled")),
         "a subscription is acknowledged once, and first");
    if (listens && begins && taken)
        e->acknowledged = true;
}

static void sent_notification(struct ledger *l, struct json v, bool taken)
{
    static const char *const session_alone[] = {
        "notifications/tools/list_changed",     "notifications/prompts/list_changed",
        "notifications/resources/list_changed", "notifications/resources/updated",
        "notifications/tasks/status",           "notifications/elicitation/complete"};
    struct json method = json_get(v, STR("method")), params = json_get(v, STR("params"));
    struct json subscription =
        json_get(json_get(params, STR("_meta")), STR(META_PREFIX "subscriptionId"));
    bool known = false;
    if (json_exists(subscription))
        sent_on_subscription(l, method, subscription, taken);
    if (json_is(method, STR("notifications/progress")))
        sent_progress(l, params, taken);
    else if (json_is(method, STR("notifications/message")))
        sent_log(l, params);
    else if (json_is(method, STR("notifications/cancelled")))
        sent_cancelled(l, params);
    else if (!json_exists(subscription)) {
        for (size_t i = 0; i < sizeof(session_alone) / sizeof(session_alone[0]); i++)
            known |= json_is(method, str_from(session_alone[i]));
        hold(l, known && l->session, "a notification is of a subscription or a session");
    }
}

static void sent_one(struct ledger *l, struct json v, bool batch, bool taken)
{
    hold(l, json_type(v) == JSON_OBJECT, "a message is an object");
    hold(l, json_is(json_get(v, STR("jsonrpc")), STR("2.0")), "a message is of JSON-RPC 2.0");
    if (!json_exists(json_get(v, STR("method"))))
        sent_response(l, v, batch);
    else if (json_exists(json_get(v, STR("result"))) || json_exists(json_get(v, STR("error"))))
        hold(l, false, "a message has either a method or a result or an error");
    else if (json_exists(json_get(v, STR("id"))))
        sent_request(l, v);
    else
        sent_notification(l, v, taken);
}

void ledger_sent(struct ledger *l, enum message_kind kind, struct str message, bool taken)
{
    struct json_doc *doc;
    l->message = message;
    hold(l, message.len && !memchr(message.ptr, '\n', message.len), "a message is one line");
    if (json_parse(message, &doc, NULL)) {
        hold(l, false, "a message is JSON");
        return;
    }
    struct json root = json_root(doc);
    struct json_iter it = json_iter(root);
    hold(l, kind == MESSAGE_ANSWER || !json_exists(json_get(root, STR("id"))),
         "only notifications may be dropped");
    if (json_type(root) == JSON_ARRAY)
        while (json_next(&it))
            sent_one(l, it.value, true, taken);
    else
        sent_one(l, root, false, taken);
    json_free(doc);
}

void ledger_end(struct ledger *l)
{
    for (size_t i = 0; i < l->entry_count; i++) {
        const struct entry *e = &l->entries[i];
        l->message = str_from(e->id);
        /* A batch may be refused as a whole. */
        hold(l, !e->open || e->batch || e->doubtful, "every request gets its response");
    }
}

struct str ledger_open_request(const struct ledger *l)
{
    for (size_t i = 0; i < l->own_count; i++)
        if (l->own[i].open)
            return str_from(l->own[i].id);
    return STR("");
}
