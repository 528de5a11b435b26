#include "adapters/driven/http_client/http_client.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "adapters/driven/http_client/client.h"
#include "adapters/driven/module/module.h"
#include "core/json/writer.h"
#include "core/policy/host_rule.h"

#define NS_PER_MS UINT64_C(1000000)

#define IDLE_MS 30000

/* How often the clock of a request looks whether it is still connected, at most. */
#define TICK_MS 50u

typedef int (*http_entry)(struct http_module *out, struct error *err);

uint64_t client_now(const struct http_client *client)
{
    return client->config.clock->monotonic_ns(client->config.clock->ctx);
}

/* ---- the end of a request ---- */

static void asked_free(struct asked *a)
{
    const struct timer_port *timer = a->client->config.timer;
    timer->free(timer->ctx, a->timer);
    outgoing_clear(&a->outgoing);
    buffer_wipe(&a->url);
    buffer_clear(&a->body);
    buffer_clear(&a->tail);
    secrets_clear(&a->secrets);
    destinations_clear(&a->destinations);
    free(a->plugin);
    free(a);
}

void asked_release(struct asked *a)
{
    struct asked **at = &a->client->asked;
    if (a->open || a->exchange || a->delivering)
        return;
    while (*at != a)
        at = &(*at)->next;
    *at = a->next;
    asked_free(a);
}

void asked_close(struct asked *a)
{
    const struct timer_port *timer = a->client->config.timer;
    a->open = false;
    timer->stop(timer->ctx, a->timer);
    if (a->exchange)
        a->client->module.cancel(a->exchange);
    asked_release(a);
}

void asked_fail(struct asked *a, const struct error *err)
{
    struct buffer text = BUFFER_INIT;
    struct service_sink sink = a->sink;
    if (!a->open)
        return;
    struct service_event event = {.kind = HTTP_EVENT_END, .status = err->code, .fd = -1,
                                  .text = json_message(&text, str_from(err->text)), .last = true};
    asked_close(a);
    sink.event(sink.ctx, &event);
    buffer_clear(&text);
}

/* ---- its clock ---- */

static uint64_t until_ms(uint64_t now, uint64_t then)
{
    return then <= now ? 0 : (then - now + NS_PER_MS - 1) / NS_PER_MS;
}

/* When it ends at the latest. */
static uint64_t limit_ns(const struct asked *a)
{
    uint64_t own = a->begun_ns + a->timeout_ns;
    return a->deadline_ns && a->deadline_ns < own ? a->deadline_ns : own;
}

static void place_of(const struct asked *a, char out[300])
{
    unsigned usual = a->place.tls ? 443 : 80;
    const char *scheme = a->place.tls ? "https" : "http";
    if (a->place.port == usual)
        snprintf(out, 300, "%s://%s", scheme, a->place.host);
    else
        snprintf(out, 300, "%s://%s:%u", scheme, a->place.host, a->place.port);
}

static void time_out(struct asked *a, bool connecting)
{
    struct error err;
    char place[300];
    place_of(a, place);
    if (connecting)
        error_set(&err, ST_TIMEOUT, "%s: no connection within %llu ms", place,
                  (unsigned long long)a->outgoing.connect_ms);
    else if (limit_ns(a) == a->deadline_ns)
        error_set(&err, ST_TIMEOUT, "%s: the deadline of the call has passed", place);
    else
        error_set(&err, ST_TIMEOUT, "%s: the request was not over within %llu ms", place,
                  (unsigned long long)a->outgoing.timeout_ms);
    asked_fail(a, &err);
}

/* Looks again soon enough to see a connection that does not come about. */
static void set_timer(struct asked *a, uint64_t now, uint64_t connect_limit)
{
    const struct timer_port *timer = a->client->config.timer;
    uint64_t next = until_ms(now, limit_ns(a));
    uint64_t look = connect_limit ? until_ms(now, connect_limit) : a->outgoing.connect_ms;
    if (look < TICK_MS && !connect_limit)
        look = TICK_MS;
    timer->set(timer->ctx, a->timer, look < next ? look : next);
}

static void on_timer(void *arg)
{
    struct asked *a = arg;
    uint64_t now = client_now(a->client);
    uint64_t since = atomic_load(&a->connecting_ns);
    uint64_t connect_limit = since ? since + a->outgoing.connect_ms * NS_PER_MS : 0;
    if (now >= limit_ns(a))
        time_out(a, false);
    else if (connect_limit && now >= connect_limit)
        time_out(a, true);
    else
        set_timer(a, now, connect_limit);
}

/* ---- the beginning of a request ---- */

static int load(struct http_client *client, struct error *err)
{
    struct http_engine_config engine = {
        .events = telling_events,
        .proxy = client->texts[0],
        .ca_file = client->texts[1],
        .idle_ms = client->config.idle_ms ? (int)client->config.idle_ms : IDLE_MS,
        .may_lose_tls = client->config.may_lose_tls,
    };
    module_entry *entry;
    if (client->engine)
        return ST_OK;
    int rc = module_open(client->config.modules, "http-client", &entry, err);
    if (!rc)
        rc = ((http_entry)entry)(&client->module, err);
    return rc ? rc : client->module.start(&engine, &client->engine, err);
}

static int check_room(const struct http_client *client, struct str plugin, struct error *err)
{
    size_t all = 0, own = 0;
    for (const struct asked *a = client->asked; a; a = a->next) {
        all++;
        own += str_eq(str_from(a->plugin), plugin);
    }
    if (own >= client->config.max_per_plugin)
        return error_set(err, ST_BUSY, "%zu requests of the plugin are open, as many as "
                         "http_client.max_per_plugin permits", own);
    if (all >= client->config.max_requests)
        return error_set(err, ST_BUSY, "%zu requests are open, as many as http_client.max_requests "
                         "permits", all);
    return ST_OK;
}

/* A handle can stand in the path and the query alone, and what takes its place there is escaped: the
 * URL leads where it led. */
static int fill_url(struct asked *a, const struct secret_source *source, struct error *err)
{
    struct str url = str_from(a->outgoing.url);
    int rc = secrets_fill(&a->secrets, source, url, SECRET_PERCENT, &a->url, err);
    buffer_add_char(&a->url, '\0');
    return rc || !buffer_failed(&a->url) ? rc : error_set(err, ST_NOMEM, "out of memory");
}

/* Without the brackets of an IPv6 address. */
static struct str bare(struct str host)
{
    return host.len > 2 && host.ptr[0] == '[' ? (struct str){host.ptr + 1, host.len - 2} : host;
}

static int fill_secrets(struct asked *a, const struct service_request *request, struct error *err)
{
    struct http_client *client = a->client;
    struct secret_source source = {
        .store = client->config.secrets,
        .use = {request->grants, bare(str_from(a->place.host)), a->place.port},
    };
    int rc = fill_url(a, &source, err);
    for (size_t i = 0; !rc && i < a->outgoing.field_count; i++) {
        struct http_field *field = &a->outgoing.fields[i];
        const struct computed *computed = &a->outgoing.computed[i];
        struct buffer value = BUFFER_INIT;
        if (!secrets_in(field->value) && computed->kind == COMPUTED_NOTHING)
            continue;
        rc = secrets_fill(&a->secrets, &source, field->value, SECRET_PLAIN, &value, err);
        if (!rc && computed->kind != COMPUTED_NOTHING)
            rc = computed_fill(computed, &a->secrets, &source, client->config.crypto, request->bytes,
                               &value, err);
        if (!rc)
            field->value = arena_copy(&a->outgoing.arena, buffer_str(&value));
        buffer_wipe(&value);
    }
    return rc || !a->outgoing.arena.failed ? rc : error_set(err, ST_NOMEM, "out of memory");
}

/* What can be said before anything is sent. */
static int check(struct asked *a, const struct service_request *request, struct error *err)
{
    int rc = outgoing_read(request->text, a->client->config.traces, a->client->config.version,
                           &a->outgoing, err);
    if (!rc && request->bytes.len && strcmp(a->outgoing.method, "HEAD") == 0)
        rc = error_set(err, ST_INVALID, "\"method\": a HEAD request has no body");
    if (!rc && request->bytes.len && a->outgoing.streams)
        rc = error_set(err, ST_INVALID, "\"stream\": the body comes by write(), or in one piece");
    if (!rc)
        rc = a->client->module.look(a->outgoing.url, &a->place, err);
    if (!rc)
        rc = destinations_copy(request->grants->hosts, request->grants->host_count,
                               &a->destinations, err);
    if (!rc)
        rc = destinations_allow(&a->destinations, str_from(a->place.host), a->place.port, err);
    return rc ? rc : fill_secrets(a, request, err);
}

static int begin(struct asked *a, struct error *err)
{
    struct http_client *client = a->client;
    struct http_request request = {
        .url = a->url.data,
        .method = a->outgoing.method,
        .fields = a->outgoing.fields,
        .field_count = a->outgoing.field_count,
        .body = buffer_str(&a->body),
        .streams = a->outgoing.streams,
        .unpacks = a->outgoing.unpacks,
        .max_redirects = a->outgoing.max_redirects,
        .max_bytes = a->outgoing.max_bytes,
        .arg = a,
    };
    return client->module.begin(client->engine, &request, &a->exchange, err);
}

static struct asked *asked_new(struct http_client *client, const struct service_request *request,
                               const struct service_sink *sink)
{
    const struct timer_port *timer = client->config.timer;
    struct asked *a = calloc(1, sizeof(*a));
    if (!a)
        return NULL;
    a->client = client;
    a->sink = *sink;
    a->id = ++client->ids;
    a->begun_ns = client_now(client);
    a->deadline_ns = request->deadline_ns;
    atomic_init(&a->connecting_ns, 0);
    a->plugin = strndup(request->plugin.ptr ? request->plugin.ptr : "", request->plugin.len);
    a->timer = timer->create(timer->ctx, on_timer, a);
    buffer_add_str(&a->body, request->bytes);
    if (!a->plugin || !a->timer || buffer_failed(&a->body)) {
        asked_free(a);
        return NULL;
    }
    return a;
}

static int start(struct asked *a, const struct service_request *request, struct error *err)
{
    struct http_client *client = a->client;
    int rc = check(a, request, err);
    if (!rc)
        rc = begin(a, err);
    if (rc)
        return rc;
    a->open = true;
    a->timeout_ns = a->outgoing.timeout_ms * NS_PER_MS;
    a->next = client->asked;
    client->asked = a;
    set_timer(a, a->begun_ns, a->begun_ns + a->outgoing.connect_ms * NS_PER_MS);
    return ST_OK;
}

static int client_open(void *ctx, const struct service_request *request,
                       const struct service_sink *sink, uint64_t *id, struct error *err)
{
    struct http_client *client = ctx;
    if (request->op != HTTP_OP_REQUEST)
        return error_set(err, ST_UNSUPPORTED, "hexmcp.http/1 has no operation %u", request->op);
    int rc = check_room(client, request->plugin, err);
    if (!rc)
        rc = load(client, err);
    if (rc)
        return rc;
    struct asked *a = asked_new(client, request, sink);
    if (!a)
        return error_set(err, ST_NOMEM, "out of memory");
    rc = start(a, request, err);
    if (rc)
        asked_free(a);
    else
        *id = a->id;
    return rc;
}

/* ---- what the plugin says of it ---- */

static struct asked *find(const struct http_client *client, uint64_t id)
{
    struct asked *a = client->asked;
    while (a && (a->id != id || !a->open))
        a = a->next;
    return a;
}

static size_t number_of(struct str text)
{
    size_t number = 0;
    for (size_t i = 0; i < text.len && text.ptr[i] >= '0' && text.ptr[i] <= '9'; i++)
        number = number > HTTP_AHEAD ? number : number * 10 + (size_t)(text.ptr[i] - '0');
    return number;
}

/* Hiding a secret changes how many bytes there are; the same part of them is granted anew. */
static size_t grant_for(struct asked *a, size_t taken)
{
    if (taken > a->untaken)
        taken = a->untaken;
    size_t grant = a->untaken ? (size_t)((uint64_t)a->raw * taken / a->untaken) : 0;
    a->untaken -= taken;
    a->raw -= grant;
    return grant;
}

static void take_written(struct asked *a, struct str bytes)
{
    struct error err;
    a->written += bytes.len;
    if (!a->outgoing.streams)
        error_set(&err, ST_INVALID, "write() needs \"stream\": true");
    else if (a->written > HTTP_CLIENT_WRITE_AHEAD)
        error_set(&err, ST_TOO_LARGE, "more than %u bytes were written before they could be sent",
                  HTTP_CLIENT_WRITE_AHEAD);
    else if (!a->client->module.write(a->exchange, bytes))
        error_set(&err, ST_NOMEM, "out of memory");
    else
        return;
    asked_fail(a, &err);
}

static void client_tell(void *ctx, uint64_t id, uint32_t kind, struct str text, struct str bytes)
{
    struct http_client *client = ctx;
    struct asked *a = find(client, id);
    struct service_event resumed = {.kind = HTTP_EVENT_RESUMED, .fd = -1};
    if (!a)
        return;
    if (kind == HTTP_TELL_RESUME)
        a->sink.event(a->sink.ctx, &resumed);
    else if (!a->exchange)
        return;
    else if (kind == HTTP_TELL_TAKEN)
        client->module.grant(a->exchange, grant_for(a, number_of(text)));
    else if (kind == HTTP_TELL_WRITE)
        take_written(a, bytes);
    else if (kind == HTTP_TELL_FINISH)
        client->module.finish(a->exchange);
}

static void client_close(void *ctx, uint64_t id)
{
    struct asked *a = find(ctx, id);
    if (a)
        asked_close(a);
}

static bool client_allows(void *ctx, const struct plugin_grants *grants, const char **missing)
{
    (void)ctx;
    *missing = "\"hosts\"";
    return grants->host_count > 0;
}

/* ---- the client ---- */

static int copy_rules(struct http_client *client, struct str list, struct error *err)
{
    struct json_doc *doc;
    struct str rules[64];
    struct json_iter it;
    size_t count = 0;
    int rc = json_parse(list.len ? list : STR("[]"), &doc, err);
    if (rc)
        return rc;
    it = json_iter(json_root(doc));
    while (!rc && json_next(&it)) {
        if (count == sizeof(rules) / sizeof(rules[0]) || !json_plain(it.value, &rules[count]))
            rc = error_set(err, ST_CONFIG, "http_client.unverified_hosts is no list of at most 64 rules");
        else if (!host_rule_valid(rules[count++], err))
            rc = error_prefix(err, "http_client.unverified_hosts: ");
    }
    if (!rc)
        rc = destinations_copy(rules, count, &client->unverified, err);
    json_free(doc);
    return rc;
}

int http_client_new(const struct http_client_config *config, struct http_client **out,
                    struct error *err)
{
    struct http_client *client = calloc(1, sizeof(*client));
    if (!client)
        return error_set(err, ST_NOMEM, "out of memory");
    client->config = *config;
    client->port = (struct service_port){client,      "hexmcp.http/1", client_allows,
                                         client_open, client_tell,     client_close};
    pthread_mutex_init(&client->lock, NULL);
    client->texts[0] = strndup(config->proxy.ptr ? config->proxy.ptr : "", config->proxy.len);
    client->texts[1] = strndup(config->ca_file.ptr ? config->ca_file.ptr : "", config->ca_file.len);
    int rc = client->texts[0] && client->texts[1] ? copy_rules(client, config->unverified, err)
                                                  : error_set(err, ST_NOMEM, "out of memory");
    if (rc)
        http_client_free(client);
    else
        *out = client;
    return rc;
}

void http_client_free(struct http_client *client)
{
    if (!client)
        return;
    for (struct asked *a = client->asked; a; a = a->next)
        a->open = false;
    if (client->engine) {
        client->module.stop(client->engine);
        telling_deliver(client);
        client->module.free_engine(client->engine);
    }
    pthread_mutex_destroy(&client->lock);
    destinations_clear(&client->unverified);
    free(client->texts[0]);
    free(client->texts[1]);
    free(client);
}

const struct service_port *http_client_port(const struct http_client *client)
{
    return &client->port;
}
