/*
 * What plugins tell of themselves while they run ("hexmcp.catalog/1" and "hexmcp.notify/1"): taken
 * on any thread, handled on the loop.
 */
#pragma once

#include "adapters/driven/plugin_host/runs.h"

/* The first two have a reply, the others are told on. */
enum offer_kind { OFFER_PUBLISH, OFFER_WITHDRAW, OFFER_UPDATED, OFFER_ELICITED };

struct offer {
    enum offer_kind kind;
    enum item_kind of;
    struct plugin *plugin;
    hexmcp_reply_fn reply; /* may be NULL */
    void *arg;
    struct offer *next;  /* [loop] while its change is gathered, see updates.h */
    struct timer *timer; /* [loop] the same                                    */
    struct str text;     /* a definition, a name, a URI, an id                 */
    struct str options;
    char bytes[]; /* both */
};

/* [any] The functions of the two tables; see the public headers. */
int32_t offer_publish(void *ctx, uint32_t kind, hexmcp_str definition, hexmcp_str options,
                      hexmcp_reply_fn reply, void *arg);
int32_t offer_withdraw(void *ctx, uint32_t kind, hexmcp_str name, hexmcp_reply_fn reply, void *arg);
int32_t offer_resource_updated(void *ctx, hexmcp_str uri);
int32_t offer_elicitation_complete(void *ctx, hexmcp_str id);

/* Where offers of a plugin in a helper go. */
struct offer_exit {
    void *ctx;
    void (*take)(void *ctx, struct offer *offer); /* takes it over */
};

/* [loop] Does what is asked and frees it. */
void offer_handle(struct offer *offer);
/* [loop] Does what waited until the plugin has its slot. */
void offers_resume(struct plugin *p);
/* [loop] Answers the offers of a plugin that was never active, before it is destroyed. */
void offers_close(struct plugin *p);
/* [loop] It waits no longer: the plugin may make another one. */
void offer_leave(struct offer *offer);
/* Without doing it. NULL is allowed. */
void offer_free(struct offer *offer);
