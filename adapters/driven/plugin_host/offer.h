/*
 * What plugins tell of themselves while they run ("hexmcp.catalog/1" and "hexmcp.notify/1"): taken on
 * any thread, handled on the loop.
 */
#pragma once

#include "adapters/driven/plugin_host/runs.h"

struct offer;

/* [any] The functions of the two tables; see the public headers. */
int32_t offer_publish(void *ctx, uint32_t kind, hexmcp_str definition, hexmcp_str options,
                      hexmcp_reply_fn reply, void *arg);
int32_t offer_withdraw(void *ctx, uint32_t kind, hexmcp_str name, hexmcp_reply_fn reply, void *arg);
int32_t offer_resource_updated(void *ctx, hexmcp_str uri);
int32_t offer_elicitation_complete(void *ctx, hexmcp_str id);

/* [loop] Does what is asked and frees it. */
void offer_handle(struct offer *offer);
/* Without doing it. NULL is allowed. */
void offer_free(struct offer *offer);
