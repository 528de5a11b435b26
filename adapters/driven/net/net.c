#include "adapters/driven/net/net.h"

#include <stdlib.h>
#include <string.h>

#include "adapters/driven/net/attempt.h"
#include "core/json/json.h"
#include "core/json/writer.h"

#define TIMEOUT_MS 10000
#define TIMEOUT_MS_MAX 600000
#define NS_PER_MS UINT64_C(1000000)

/* ---- the end of an attempt ---- */

static void attempt_free(struct attempt *a)
{
    const struct timer_port *timer = a->net->config.timer;
    timer->free(timer->ctx, a->deadline);
    timer->free(timer->ctx, a->stagger);
    destinations_clear(&a->destinations);
    free(a->plugin);
    free(a);
}

static void attempt_drop(struct attempt *a)
{
    struct attempt **at = &a->net->attempts;
    while (*at != a)
        at = &(*at)->next;
    *at = a->next;
    trials_end(a);
    lookup_abandon(a);
    attempt_free(a);
}

void attempt_end(struct attempt *a, int status, struct str text, int fd)
{
    const struct service_sink sink = a->sink;
    const struct service_event event = {.status = status, .text = text, .fd = fd, .last = true};
    attempt_drop(a);
    sink.event(sink.ctx, &event);
}

void attempt_fail(struct attempt *a, const struct error *err)
{
    struct buffer text = BUFFER_INIT;
    attempt_end(a, err->code, json_message(&text, str_from(err->text)), -1);
    buffer_clear(&text);
}

static void on_deadline(void *arg)
{
    struct attempt *a = arg;
    struct error err;
    if (a->by_call)
        error_set(&err, ST_TIMEOUT, "%s:%u: the deadline of the call has passed", a->host, a->port);
    else if (!a->addresses.count)
        error_set(&err, ST_TIMEOUT, "%s:%u: the name was not resolved within %llu ms", a->host, a->port,
                  (unsigned long long)a->timeout_ms);
    else
        error_set(&err, ST_TIMEOUT, "%s:%u: no connection within %llu ms", a->host, a->port,
                  (unsigned long long)a->timeout_ms);
    attempt_fail(a, &err);
}

/* ---- where it may go ---- */

static int may_reach(const struct attempt *a, const union address *address, struct error *err)
{
    bool four = address->any.sa_family == AF_INET;
    const void *bytes = four ? (const void *)&address->four.sin_addr
                             : (const void *)&address->six.sin6_addr;
    return destinations_reach(&a->destinations, str_from(a->host), a->port, bytes, four ? 4 : 16, err);
}

void attempt_resolved(struct attempt *a, const struct addresses *found)
{
    struct error refused = {.code = ST_OK}, err;
    for (size_t i = 0; i < found->count; i++) {
        if (!may_reach(a, &found->list[i], &err))
            a->addresses.list[a->addresses.count++] = found->list[i];
        else if (!refused.code)
            refused = err;
    }
    if (a->addresses.count)
        trials_begin(a);
    else
        attempt_fail(a, &refused);
}

/* ---- the beginning of an attempt ---- */

static int read_host(struct attempt *a, struct json from, struct error *err)
{
    struct buffer scratch = BUFFER_INIT;
    struct str host = {NULL, 0};
    json_string(json_get(from, STR("host")), &scratch, &host);
    if (host.len > 2 && host.ptr[0] == '[' && host.ptr[host.len - 1] == ']')
        host = (struct str){host.ptr + 1, host.len - 2};
    bool fits = host.len > 0 && host.len <= HOST_BYTES_MAX;
    for (size_t i = 0; fits && i < host.len; i++)
        fits = host.ptr[i] > 0x20 && host.ptr[i] < 0x7f;
    if (fits)
        memcpy(a->host, host.ptr, host.len);
    buffer_clear(&scratch);
    return fits ? ST_OK
                : error_set(err, ST_INVALID,
                            "the host is no name of 1 to %u visible characters of ASCII; write names "
                            "beyond it as xn--", HOST_BYTES_MAX);
}

static int read_numbers(struct attempt *a, struct json from, struct error *err)
{
    int64_t port = 0, flags = 0, timeout = 0;
    json_int64(json_get(from, STR("port")), &port);
    json_int64(json_get(from, STR("flags")), &flags);
    json_int64(json_get(from, STR("timeoutMs")), &timeout);
    if (port < 1 || port > UINT16_MAX)
        return error_set(err, ST_INVALID, "the port is not between 1 and 65535");
    if (flags & ~(int64_t)(NET_IPV4 | NET_IPV6))
        return error_set(err, ST_INVALID, "flags %lld are unknown to this host", (long long)flags);
    if (timeout < 0 || timeout > TIMEOUT_MS_MAX)
        return error_set(err, ST_INVALID, "the timeout is longer than %d ms", TIMEOUT_MS_MAX);
    a->port = (uint16_t)port;
    a->family = flags == NET_IPV4 ? AF_INET : flags == NET_IPV6 ? AF_INET6 : AF_UNSPEC;
    a->timeout_ms = timeout ? (uint64_t)timeout : TIMEOUT_MS;
    return ST_OK;
}

static int read_request(struct attempt *a, struct str text, struct error *err)
{
    struct json_doc *doc;
    int rc = json_parse(text, &doc, err);
    if (rc)
        return rc;
    rc = read_host(a, json_root(doc), err);
    if (!rc)
        rc = read_numbers(a, json_root(doc), err);
    json_free(doc);
    return rc;
}

/* Text that is an address by mistake of a resolver is none of the rules' names. */
static int check_literal(struct attempt *a, struct error *err)
{
    union address address;
    if (!address_literal(a->host, a->port, &address))
        return ST_OK;
    if (a->family != AF_UNSPEC && a->family != address.any.sa_family)
        return error_set(err, ST_INVALID, "%s is an address of the kind that the flags leave out",
                         a->host);
    int rc = may_reach(a, &address, err);
    if (!rc)
        a->addresses = (struct addresses){.list = {address}, .count = 1};
    return rc;
}

static void set_deadline(struct attempt *a, uint64_t deadline_ns)
{
    const struct clock_port *clock = a->net->config.clock;
    const struct timer_port *timer = a->net->config.timer;
    uint64_t now = clock->monotonic_ns(clock->ctx), ms = a->timeout_ms;
    uint64_t left = deadline_ns > now ? (deadline_ns - now + NS_PER_MS - 1) / NS_PER_MS : 0;
    a->by_call = deadline_ns && left < ms;
    timer->set(timer->ctx, a->deadline, a->by_call ? left : ms);
}

/* The connection is begun on the next turn: no event may come before open() has returned. */
static void on_begin(void *arg)
{
    struct attempt *a = arg;
    if (a->wants_lookup)
        lookup_next(a->net);
    else
        trials_on_stagger(a);
}

static struct attempt *attempt_new(struct net *net, const struct service_request *request,
                                   const struct service_sink *sink)
{
    const struct timer_port *timer = net->config.timer;
    struct attempt *a = calloc(1, sizeof(*a));
    if (!a)
        return NULL;
    a->net = net;
    a->sink = *sink;
    a->id = ++net->ids;
    a->plugin = strndup(request->plugin.ptr ? request->plugin.ptr : "", request->plugin.len);
    a->deadline = timer->create(timer->ctx, on_deadline, a);
    a->stagger = timer->create(timer->ctx, on_begin, a);
    if (a->plugin && a->deadline && a->stagger)
        return a;
    attempt_free(a);
    return NULL;
}

static int check(struct attempt *a, const struct service_request *request, struct error *err)
{
    int rc = read_request(a, request->text, err);
    if (!rc)
        rc = destinations_copy(request->grants->hosts, request->grants->host_count,
                               &a->destinations, err);
    if (!rc)
        rc = destinations_allow(&a->destinations, str_from(a->host), a->port, err);
    if (!rc)
        rc = check_literal(a, err);
    return rc;
}

static int check_room(const struct net *net, struct str plugin, struct error *err)
{
    size_t all = 0, own = 0;
    for (const struct attempt *a = net->attempts; a; a = a->next) {
        all++;
        own += str_eq(str_from(a->plugin), plugin);
    }
    if (own >= net->config.max_per_plugin)
        return error_set(err, ST_BUSY, "%zu attempts of the plugin are open, as many as it may have",
                         own);
    if (all >= net->config.max_attempts)
        return error_set(err, ST_BUSY, "%zu attempts are open, as many as there may be", all);
    return ST_OK;
}

static int net_open(void *ctx, const struct service_request *request, const struct service_sink *sink,
                    uint64_t *id, struct error *err)
{
    struct net *net = ctx;
    const struct timer_port *timer = net->config.timer;
    if (request->op != NET_OP_CONNECT)
        return error_set(err, ST_UNSUPPORTED, "hexmcp.net/1 has no operation %u", request->op);
    int rc = check_room(net, request->plugin, err);
    if (rc)
        return rc;
    struct attempt *a = attempt_new(net, request, sink);
    if (!a)
        return error_set(err, ST_NOMEM, "out of memory");
    rc = check(a, request, err);
    if (rc) {
        attempt_free(a);
        return rc;
    }
    *id = a->id;
    a->next = net->attempts;
    net->attempts = a;
    set_deadline(a, request->deadline_ns);
    a->wants_lookup = a->addresses.count == 0;
    timer->set(timer->ctx, a->stagger, 0);
    return ST_OK;
}

static void net_close(void *ctx, uint64_t id)
{
    struct net *net = ctx;
    struct attempt *a = net->attempts;
    while (a && a->id != id)
        a = a->next;
    if (a)
        attempt_drop(a);
}

/* Nothing can be said of an attempt. */
static void net_tell(void *ctx, uint64_t id, uint32_t kind, struct str text, struct str bytes)
{
    (void)ctx;
    (void)id;
    (void)kind;
    (void)text;
    (void)bytes;
}

static bool net_allows(void *ctx, const struct plugin_grants *grants, const char **missing)
{
    (void)ctx;
    *missing = "\"hosts\"";
    return grants->host_count > 0;
}

/* ---- the adapter ---- */

int net_new(const struct net_config *config, struct net **out, struct error *err)
{
    struct net *net = calloc(1, sizeof(*net));
    if (!net)
        return error_set(err, ST_NOMEM, "out of memory");
    net->config = *config;
    net->port = (struct service_port){net,      "hexmcp.net/1", net_allows,
                                      net_open, net_tell,       net_close};
    *out = net;
    return ST_OK;
}

void net_free(struct net *net)
{
    if (!net)
        return;
    while (net->attempts)
        attempt_drop(net->attempts);
    lookups_free(net);
    free(net);
}

const struct service_port *net_port(const struct net *net)
{
    return &net->port;
}
