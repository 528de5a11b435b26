/* From the module's thread to the loop: what comes of a request, with secrets hidden. */
#include <netinet/in.h>
#include <stdlib.h>

#include "adapters/driven/http_client/client.h"
#include "core/json/writer.h"

/* ---- on the module's thread ---- */

static void deliver(void *arg)
{
    telling_deliver(arg);
}

/* With the lock held. */
static void put(struct asked *a)
{
    struct http_client *client = a->client;
    if (!a->in_told) {
        a->in_told = true;
        a->next_told = NULL;
        if (client->told_last)
            client->told_last->next_told = a;
        else
            client->told = a;
        client->told_last = a;
    }
    if (!client->posted)
        client->posted = client->config.post(client->config.post_ctx, deliver, client) == 0;
}

static int may_go(void *arg, const struct http_place *place, struct error *err)
{
    struct asked *a = arg;
    struct str host = str_from(place->host);
    int rc = destinations_allow(&a->destinations, host, place->port, err);
    if (!rc)
        atomic_store(&a->connecting_ns, client_now(a->client));
    return rc;
}

static int may_connect(void *arg, const struct http_place *place, const struct sockaddr *address,
                       struct error *err)
{
    struct asked *a = arg;
    const void *bytes = NULL;
    size_t len = 0;
    if (address->sa_family == AF_INET) {
        bytes = &((const struct sockaddr_in *)(const void *)address)->sin_addr;
        len = 4;
    } else if (address->sa_family == AF_INET6) {
        bytes = &((const struct sockaddr_in6 *)(const void *)address)->sin6_addr;
        len = 16;
    }
    return destinations_reach(&a->destinations, str_from(place->host), place->port, bytes, len, err);
}

static bool verifies(void *arg, const struct http_place *place)
{
    const struct asked *a = arg;
    return destinations_allow(&a->client->unverified, str_from(place->host), place->port, NULL) != ST_OK;
}

static void connected(void *arg)
{
    struct asked *a = arg;
    atomic_store(&a->connecting_ns, 0);
}

static void put_hidden(struct json_writer *w, const struct asked *a, struct str text)
{
    struct buffer hidden = BUFFER_INIT;
    secrets_hide(&a->secrets, text, true, &hidden);
    json_write_string(w, buffer_str(&hidden));
    buffer_clear(&hidden);
}

static void head(void *arg, const struct http_head *head)
{
    struct asked *a = arg;
    struct buffer text = BUFFER_INIT;
    struct json_writer w = json_writer(&text);
    json_begin_object(&w);
    json_put_i64(&w, STR("status"), head->status);
    json_key(&w, STR("url"));
    put_hidden(&w, a, head->url);
    json_key(&w, STR("headers"));
    json_begin_array(&w);
    for (size_t i = 0; i < head->field_count; i++) {
        json_begin_array(&w);
        json_write_string(&w, head->fields[i].name);
        put_hidden(&w, a, head->fields[i].value);
        json_end_array(&w);
    }
    json_end_array(&w);
    json_end_object(&w);
    pthread_mutex_lock(&a->client->lock);
    a->told.head = text;
    put(a);
    pthread_mutex_unlock(&a->client->lock);
}

/* Appends what can be told of the body; the tail waits for what follows. */
static void hide_body(struct asked *a, struct str piece, bool last, struct buffer *out)
{
    if (!a->secrets.count) {
        buffer_add_str(out, piece);
        return;
    }
    buffer_add_str(&a->tail, piece);
    buffer_drop_front(&a->tail, secrets_hide(&a->secrets, buffer_str(&a->tail), last, out));
    out->failed = out->failed || buffer_failed(&a->tail);
}

static void tell_body(struct asked *a, size_t raw, const struct buffer *shown)
{
    a->told.raw += raw;
    buffer_add_str(&a->told.body, buffer_str(shown));
    a->told.body.failed = a->told.body.failed || buffer_failed(shown);
    put(a);
}

static void body(void *arg, struct str piece)
{
    struct asked *a = arg;
    struct buffer shown = BUFFER_INIT;
    hide_body(a, piece, false, &shown);
    pthread_mutex_lock(&a->client->lock);
    tell_body(a, piece.len, &shown);
    pthread_mutex_unlock(&a->client->lock);
    buffer_clear(&shown);
}

static void sent(void *arg, size_t len)
{
    struct asked *a = arg;
    pthread_mutex_lock(&a->client->lock);
    a->told.sent += len;
    put(a);
    pthread_mutex_unlock(&a->client->lock);
}

static void end(void *arg, const struct http_end *end)
{
    struct asked *a = arg;
    struct http_client *client = a->client;
    struct buffer shown = BUFFER_INIT;
    hide_body(a, STR(""), true, &shown);
    pthread_mutex_lock(&client->lock);
    a->told.ended = true;
    a->told.end = *end;
    tell_body(a, 0, &shown);
    pthread_mutex_unlock(&client->lock);
    buffer_clear(&shown);
}

const struct http_events telling_events = {
    .may_go = may_go,
    .may_connect = may_connect,
    .verifies = verifies,
    .connected = connected,
    .head = head,
    .body = body,
    .sent = sent,
    .end = end,
};

/* ---- on the loop ---- */

static void tell(struct asked *a, uint32_t kind, struct str text, struct str bytes)
{
    struct service_event event = {.kind = kind, .text = text, .bytes = bytes, .fd = -1};
    if (a->open)
        a->sink.event(a->sink.ctx, &event);
}

static void tell_number(struct asked *a, uint32_t kind, size_t number)
{
    struct buffer text = BUFFER_INIT;
    buffer_add_u64(&text, number);
    tell(a, kind, buffer_str(&text), STR(""));
    buffer_clear(&text);
}

static void tell_complete(struct asked *a, const struct http_end *end)
{
    struct buffer text = BUFFER_INIT;
    struct json_writer w = json_writer(&text);
    json_begin_object(&w);
    json_key(&w, STR("bytes"));
    json_write_u64(&w, end->bytes);
    json_put_i64(&w, STR("redirects"), end->redirects);
    json_end_object(&w);
    tell(a, HTTP_EVENT_COMPLETE, buffer_str(&text), STR(""));
    buffer_clear(&text);
}

/* A redirect can lead to a place that has a secret in its name. */
static void fail(struct asked *a, const struct error *told)
{
    struct buffer text = BUFFER_INIT;
    struct error err;
    secrets_hide(&a->secrets, str_from(told->text), true, &text);
    error_set(&err, told->code, "%.*s", (int)text.len, text.data ? text.data : "out of memory");
    buffer_clear(&text);
    asked_fail(a, &err);
}

static void tell_all(struct asked *a, const struct told *told)
{
    struct error nomem;
    bool failed = buffer_failed(&told->head) || buffer_failed(&told->body);
    a->raw += told->raw;
    a->untaken += told->body.len;
    a->written -= told->sent < a->written ? told->sent : a->written;
    if (told->sent)
        tell_number(a, HTTP_EVENT_SENT, told->sent);
    if (told->head.len)
        tell(a, HTTP_EVENT_HEAD, buffer_str(&told->head), STR(""));
    if (told->body.len)
        tell(a, HTTP_EVENT_BODY, STR(""), buffer_str(&told->body));
    if (failed && a->open) {
        error_set(&nomem, ST_NOMEM, "out of memory");
        asked_fail(a, &nomem);
    }
    if (!told->ended)
        return;
    a->client->module.free(a->exchange);
    a->exchange = NULL;
    if (told->end.error.code)
        fail(a, &told->end.error);
    else
        tell_complete(a, &told->end);
}

static struct asked *next_told(struct http_client *client, struct told *told)
{
    pthread_mutex_lock(&client->lock);
    struct asked *a = client->told;
    if (a) {
        client->told = a->next_told;
        if (!client->told)
            client->told_last = NULL;
        a->in_told = false;
        *told = a->told;
        a->told = (struct told){.ended = false};
    } else {
        client->posted = false;
    }
    pthread_mutex_unlock(&client->lock);
    return a;
}

void telling_deliver(struct http_client *client)
{
    struct asked *a;
    struct told told;
    while ((a = next_told(client, &told))) {
        a->delivering = true;
        tell_all(a, &told);
        buffer_clear(&told.head);
        buffer_clear(&told.body);
        a->delivering = false;
        asked_release(a);
    }
}
