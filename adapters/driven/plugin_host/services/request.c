/*
 * Open requests. A request is made on any thread, under the lock; it is opened, answered and freed
 * on the loop alone, so a pointer to it is good there until its last event.
 */
#include <stdlib.h>

#include "adapters/driven/plugin_host/crossing.h"
#include "adapters/driven/plugin_host/runs.h"
#include "adapters/driven/plugin_host/services/requests.h"
#include "core/json/writer.h"

#define REQUESTS_MAX 1024u
#define REQUEST_BYTES_MAX ((size_t)64 << 20)
#define TOLD_BYTES_MAX ((size_t)16 << 20)

struct open_request {
    struct open_request *next; /* in the plugin's list, guarded by the lock */
    struct service_link *link;
    uint64_t id;
    uint32_t op;
    uint64_t call;
    void (*event)(void *arg, const struct service_event *event);
    void *arg;
    uint64_t port_id; /* [loop] what the port knows it by; 0: not open yet */
    size_t waiting;   /* bytes in the inbox; guarded by the lock */
};

static struct request_word *word_new(enum request_verb verb, uint64_t id, uint32_t kind, hexmcp_str text,
                                     hexmcp_str bytes)
{
    size_t text_len = text.ptr ? text.len : 0, bytes_len = bytes.ptr ? bytes.len : 0;
    struct request_word *w = malloc(sizeof(*w) + text_len + bytes_len + 1);
    if (!w)
        return NULL;
    w->verb = verb;
    w->id = id;
    w->kind = kind;
    w->text = (struct str){w->data, text_len};
    w->bytes = (struct str){w->data + text_len, bytes_len};
    if (text_len)
        memcpy(w->data, text.ptr, text_len);
    if (bytes_len)
        memcpy(w->data + text_len, bytes.ptr, bytes_len);
    return w;
}

/* With the lock held. */
static struct open_request *find(const struct plugin *p, uint64_t id)
{
    struct open_request *r = p->requests;
    while (r && r->id != id)
        r = r->next;
    return r;
}

/* ---- on any thread -------------------------------------------------------------------------- */

static bool too_large(hexmcp_str text, hexmcp_str bytes)
{
    return text.len > REQUEST_BYTES_MAX || bytes.len > REQUEST_BYTES_MAX ||
           text.len + bytes.len > REQUEST_BYTES_MAX;
}

static struct open_request *request_new(struct service_link *link, const struct request *q)
{
    struct open_request *r = calloc(1, sizeof(*r));
    if (r)
        *r = (struct open_request){.link = link,
                                   .op = q->op,
                                   .call = q->call,
                                   .event = q->event,
                                   .arg = q->arg};
    return r;
}

/* With the lock held: the request is the plugin's from here on. */
static void admit(struct plugin *p, struct open_request *r)
{
    r->id = ++p->host->request_ids;
    r->next = p->requests;
    p->requests = r;
    p->request_count++;
}

int32_t request_open(struct service_link *link, const struct request *q, uint64_t *id)
{
    struct plugin *p = link->plugin;
    struct plugin_host *host = p->host;
    if (too_large(q->text, q->bytes))
        return HEXMCP_E_TOO_LARGE;
    struct open_request *r = request_new(link, q);
    struct request_word *w = word_new(REQUEST_OPEN, 0, q->op, q->text, q->bytes);
    struct inbox_item *item = inbox_item_new(INBOX_REQUEST, p, 0, STR(""));
    int32_t rc = r && w && item ? HEXMCP_OK : HEXMCP_E_NOMEM;
    bool wake = false;
    pthread_mutex_lock(&host->lock);
    if (!rc && p->stopping)
        rc = HEXMCP_E_UNAVAILABLE;
    if (!rc && p->request_count >= REQUESTS_MAX)
        rc = HEXMCP_E_BUSY;
    if (!rc) {
        admit(p, r);
        item->request = w;
        w->id = r->id;
        if (id)
            *id = r->id;
        wake = inbox_add(host, item);
    }
    pthread_mutex_unlock(&host->lock);
    if (rc) {
        free(r);
        free(w);
        if (item)
            inbox_item_free(item);
    }
    if (wake)
        inbox_wake(host);
    return rc;
}

/* Queues a word for an open request. */
static int32_t queue_word(struct plugin *p, struct request_word *w)
{
    struct plugin_host *host = p->host;
    struct inbox_item *item = w ? inbox_item_new(INBOX_REQUEST, p, 0, STR("")) : NULL;
    bool wake = false;
    int32_t rc = item ? HEXMCP_OK : HEXMCP_E_NOMEM;
    pthread_mutex_lock(&host->lock);
    struct open_request *r = rc ? NULL : find(p, w->id);
    size_t len = rc ? 0 : w->text.len + w->bytes.len;
    if (!rc && !r)
        rc = HEXMCP_E_NOT_FOUND;
    else if (!rc && len && r->waiting + len > TOLD_BYTES_MAX)
        rc = HEXMCP_E_BUSY;
    if (!rc) {
        r->waiting += len;
        item->request = w;
        wake = inbox_add(host, item);
    }
    pthread_mutex_unlock(&host->lock);
    if (rc) {
        free(w);
        if (item)
            inbox_item_free(item);
    }
    if (wake)
        inbox_wake(host);
    return rc;
}

int32_t request_tell(struct service_link *link, uint64_t id, uint32_t kind, hexmcp_str text,
                     hexmcp_str bytes)
{
    if (too_large(text, bytes))
        return HEXMCP_E_TOO_LARGE;
    return queue_word(link->plugin, word_new(REQUEST_TELL, id, kind, text, bytes));
}

void request_close(struct service_link *link, uint64_t id)
{
    hexmcp_str none = {"", 0};
    queue_word(link->plugin, word_new(REQUEST_CLOSE, id, 0, none, none));
}

/* ---- on the loop ---------------------------------------------------------------------------- */

static void unlink_request(struct open_request *r)
{
    struct plugin *p = r->link->plugin;
    pthread_mutex_lock(&p->host->lock);
    struct open_request **at = &p->requests;
    while (*at != r)
        at = &(*at)->next;
    *at = r->next;
    p->request_count--;
    pthread_mutex_unlock(&p->host->lock);
}

/* Hands the last event over and frees the request. */
static void finish(struct open_request *r, const struct service_event *event)
{
    unlink_request(r);
    plugin_denied_event(r->link->plugin, r->link->port->id, event);
    r->event(r->arg, event);
    free(r);
}

static void fail(struct open_request *r, const struct error *err)
{
    struct buffer text = BUFFER_INIT;
    struct service_event event = {
        .status = err->code,
        .text = json_message(&text, str_from(err->text)),
        .fd = -1,
        .last = true,
    };
    finish(r, &event);
    buffer_clear(&text);
}

static void arrived(void *ctx, const struct service_event *event)
{
    struct open_request *r = ctx;
    if (event->last)
        finish(r, event);
    else
        r->event(r->arg, event);
}

/* What the port is told of the call that it is for; ST_NOT_FOUND if there is no such call any more. */
static int call_facts(const struct open_request *r, struct service_request *q)
{
    struct plugin *p = r->link->plugin;
    if (!r->call)
        return ST_OK;
    pthread_mutex_lock(&p->host->lock);
    const struct run *run = run_find_open(p, r->call);
    if (run)
        run_facts(run, q);
    pthread_mutex_unlock(&p->host->lock);
    return run ? ST_OK : ST_NOT_FOUND;
}

static int open_at_port(struct open_request *r, const struct request_word *word, struct error *err)
{
    const struct service_port *port = r->link->port;
    const struct plugin *p = r->link->plugin;
    const struct service_sink sink = {r, arrived};
    struct service_request q = {
        .op = r->op,
        .plugin = plugin_id(p),
        .call = r->call,
        .grants = p->grants,
        .text = word->text,
        .bytes = word->bytes,
    };
    if (call_facts(r, &q))
        return error_set(err, ST_NOT_FOUND, "the call that the request is for has ended");
    return port->open(port->ctx, &q, &sink, &r->port_id, err);
}

static void end(struct open_request *r, const char *why)
{
    const struct service_port *port = r->link->port;
    struct error err;
    if (r->port_id)
        port->close(port->ctx, r->port_id);
    error_set(&err, ST_CANCELLED, "%s", why);
    fail(r, &err);
}

static void tell(const struct open_request *r, const struct request_word *word)
{
    const struct service_port *port = r->link->port;
    if (r->port_id && port->tell)
        port->tell(port->ctx, r->port_id, word->kind, word->text, word->bytes);
}

void request_handle(struct plugin *p, const struct request_word *word)
{
    struct error err;
    pthread_mutex_lock(&p->host->lock);
    struct open_request *r = find(p, word->id);
    if (r && word->verb == REQUEST_TELL)
        r->waiting -= word->text.len + word->bytes.len;
    pthread_mutex_unlock(&p->host->lock);
    if (!r)
        return;
    if (word->verb == REQUEST_TELL)
        tell(r, word);
    else if (word->verb == REQUEST_CLOSE)
        end(r, "the plugin ended the request");
    else if (open_at_port(r, word, &err))
        fail(r, &err);
}

/* The newest request of the call, or of the plugin for 0. */
static struct open_request *newest(struct plugin *p, uint64_t call)
{
    pthread_mutex_lock(&p->host->lock);
    struct open_request *r = p->requests;
    while (r && call && r->call != call)
        r = r->next;
    pthread_mutex_unlock(&p->host->lock);
    return r;
}

void requests_end_call(struct plugin *p, uint64_t call)
{
    struct open_request *r;
    while ((r = newest(p, call)))
        end(r, "the call that the request is for has ended");
}

void requests_close(struct plugin *p)
{
    struct open_request *r;
    while ((r = newest(p, 0)))
        end(r, "the plugin stops");
}

void requests_free(struct plugin *p)
{
    while (p->requests) {
        struct open_request *r = p->requests;
        p->requests = r->next;
        free(r);
    }
}
