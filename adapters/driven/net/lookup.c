#include <arpa/inet.h>
#include <netdb.h>
#include <stdlib.h>
#include <string.h>

#include "adapters/driven/net/attempt.h"

/* What a worker works on. It touches no attempt, which may be gone when it is done. */
struct lookup {
    struct lookup *next;
    struct net *net;
    struct attempt *attempt; /* NULL: nobody waits for it */
    char *plugin;
    char host[HOST_BYTES_MAX + 1];
    uint16_t port;
    int family;
    int status; /* of getaddrinfo */
    struct addresses found;
};

bool address_literal(const char *host, uint16_t port, union address *out)
{
    union address address = {.six = {.sin6_family = AF_INET6, .sin6_port = htons(port)}};
    if (inet_pton(AF_INET6, host, &address.six.sin6_addr) != 1) {
        address = (union address){.four = {.sin_family = AF_INET, .sin_port = htons(port)}};
        if (inet_pton(AF_INET, host, &address.four.sin_addr) != 1)
            return false;
    }
    *out = address;
    return true;
}

static void keep(struct lookup *l, const struct addrinfo *found)
{
    union address *at = &l->found.list[l->found.count];
    if (l->found.count == ADDRESSES_MAX || found->ai_addrlen > sizeof(*at) ||
        (found->ai_family != AF_INET && found->ai_family != AF_INET6))
        return;
    memcpy(at, found->ai_addr, found->ai_addrlen);
    if (found->ai_family == AF_INET)
        at->four.sin_port = htons(l->port);
    else
        at->six.sin6_port = htons(l->port);
    l->found.count++;
}

static void work(void *arg)
{
    struct lookup *l = arg;
    struct addrinfo hints = {.ai_family = l->family, .ai_socktype = SOCK_STREAM};
    struct addrinfo *list = NULL;
    l->status = getaddrinfo(l->host, NULL, &hints, &list);
    for (const struct addrinfo *at = l->status ? NULL : list; at; at = at->ai_next)
        keep(l, at);
    if (!l->status)
        freeaddrinfo(list);
}

static void forget(struct lookup *l)
{
    struct lookup **at = &l->net->lookups;
    while (*at != l)
        at = &(*at)->next;
    *at = l->next;
    free(l->plugin);
    free(l);
}

static void tell(struct attempt *a, const struct lookup *l)
{
    struct error err;
    a->lookup = NULL;
    if (l->found.count) {
        attempt_resolved(a, &l->found);
        return;
    }
    if (l->status == 0 || l->status == EAI_NONAME || l->status == EAI_NODATA)
        error_set(&err, ST_NOT_FOUND, "%s:%u: the name has no address", a->host, a->port);
    else
        error_set(&err, ST_UNAVAILABLE, "%s:%u: the name cannot be resolved: %s", a->host, a->port,
                  gai_strerror(l->status));
    attempt_fail(a, &err);
}

static void done(void *arg)
{
    struct lookup *l = arg;
    struct net *net = l->net;
    struct attempt *a = l->attempt;
    if (a)
        tell(a, l);
    forget(l);
    lookup_next(net);
}

static struct lookup *lookup_new(struct attempt *a)
{
    struct lookup *l = calloc(1, sizeof(*l));
    if (!l)
        return NULL;
    l->plugin = strdup(a->plugin);
    if (!l->plugin) {
        free(l);
        return NULL;
    }
    l->net = a->net;
    l->attempt = a;
    l->port = a->port;
    l->family = a->family;
    memcpy(l->host, a->host, sizeof(l->host));
    l->next = a->net->lookups;
    a->net->lookups = l;
    return l;
}

static void begin(struct attempt *a)
{
    const struct executor_port *executor = a->net->config.executor;
    struct error err;
    struct lookup *l = lookup_new(a);
    int rc = l ? executor->submit(executor->ctx, work, done, l, &err)
               : error_set(&err, ST_NOMEM, "out of memory");
    a->wants_lookup = false;
    if (rc) {
        if (l)
            forget(l);
        attempt_fail(a, &err);
        return;
    }
    a->lookup = l;
}

/* The oldest attempt whose plugin has not too many lookups already. */
static struct attempt *next_turn(const struct net *net)
{
    struct attempt *oldest = NULL;
    for (struct attempt *a = net->attempts; a; a = a->next) {
        unsigned own = 0;
        for (const struct lookup *l = net->lookups; l; l = l->next)
            own += strcmp(l->plugin, a->plugin) == 0;
        if (a->wants_lookup && own < NET_LOOKUPS_OF_ONE_MAX && (!oldest || a->id < oldest->id))
            oldest = a;
    }
    return oldest;
}

static unsigned running(const struct net *net)
{
    unsigned count = 0;
    for (const struct lookup *l = net->lookups; l; l = l->next)
        count++;
    return count;
}

void lookup_next(struct net *net)
{
    struct attempt *a;
    while (running(net) < NET_LOOKUPS_MAX && (a = next_turn(net)))
        begin(a);
}

void lookup_abandon(struct attempt *a)
{
    if (a->lookup)
        a->lookup->attempt = NULL;
    a->lookup = NULL;
}

void lookups_free(struct net *net)
{
    while (net->lookups)
        forget(net->lookups);
}
