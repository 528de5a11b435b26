/* Inside of net: one attempt to connect. */
#pragma once

#include <netinet/in.h>

#include "adapters/driven/net/net.h"
#include "core/policy/destination.h"

#define ADDRESSES_MAX 16u
#define HOST_BYTES_MAX 253u

union address {
    struct sockaddr any;
    struct sockaddr_in four;
    struct sockaddr_in6 six;
};

struct addresses {
    union address list[ADDRESSES_MAX];
    size_t count;
};

struct lookup;
struct trial;

struct attempt {
    struct net *net;
    struct attempt *next;
    uint64_t id;
    struct service_sink sink;
    char *plugin;
    char host[HOST_BYTES_MAX + 1]; /* without brackets */
    uint16_t port;
    int family; /* AF_UNSPEC: both */
    struct destinations destinations;
    uint64_t timeout_ms;
    bool by_call; /* the deadline of the call comes before timeout_ms */
    struct timer *deadline, *stagger;

    bool wants_lookup;     /* it waits for its turn                     */
    struct lookup *lookup; /* it runs                                   */
    struct addresses addresses; /* that may be connected to             */
    size_t tried;
    struct trial *trials;  /* sockets that connect                      */
    int last_errno;
};

struct net {
    struct net_config config;
    struct service_port port;
    struct attempt *attempts;
    struct lookup *lookups; /* with the executor */
    uint64_t ids;
};

/* The one event, and the end of it: takes over `fd`; `text` is JSON. */
void attempt_end(struct attempt *a, int status, struct str text, int fd);
void attempt_fail(struct attempt *a, const struct error *err);

/* Of lookup.c. */
bool address_literal(const char *host, uint16_t port, union address *out);
void lookup_next(struct net *net); /* gives those that wait their turn */
void lookup_abandon(struct attempt *a);
void lookups_free(struct net *net);

/* Of trial.c: begins with the addresses that a->addresses holds. */
void trials_begin(struct attempt *a);
void trials_on_stagger(void *attempt);
void trials_end(struct attempt *a);

/* Sorts out what may not be connected to, then begins. */
void attempt_resolved(struct attempt *a, const struct addresses *found);
