/*
 * Inside of the fake host: hexmcp.catalog/1 and hexmcp.notify/1. Keeps what is published, by the
 * plugin's own names, and the last thing that was told. Replies wait until services_reply.
 */
#pragma once

#include <pthread.h>

#include "hexmcp/host/catalog.h"
#include "hexmcp/host/notify.h"

#define FAKE_ITEMS 256
#define FAKE_REPLIES 1024

struct fake_item {
    uint32_t kind;
    char *name; /* NULL: free */
    char *definition;
    char *options;
};

struct fake_reply {
    hexmcp_reply_fn reply;
    void *arg;
    int32_t status;
    char *json; /* from malloc; NULL without memory */
};

struct fake_services {
    hexmcp_catalog_1 catalog;
    hexmcp_notify_1 notify;
    pthread_mutex_t mutex;
    /* All below is guarded by it. */
    struct fake_item items[FAKE_ITEMS];
    struct fake_reply replies[FAKE_REPLIES]; /* a ring */
    unsigned first, waiting;
    int32_t refusal; /* HEXMCP_OK, or what every function returns */
    unsigned told;
    char last_told[8300];
};

void services_init(struct fake_services *s);
void services_clear(struct fake_services *s);

/* Gives the replies that wait, in order, on this thread. */
void services_reply(struct fake_services *s);

/* The same, but each with HEXMCP_E_UNAVAILABLE; what is published goes. */
void services_stop(struct fake_services *s);

/* The item, or NULL; borrowed until it is withdrawn. */
const struct fake_item *services_find(struct fake_services *s, uint32_t kind, const char *name);
