/* The storage plugin as the rest of the plugin host sees it. */
#pragma once

#include "adapters/driven/plugin_host/host.h"
#include "hexmcp/ext/draft/stream.h"

struct stores;

/* Finds the tables that the plugin's manifest lists. ST_PROTOCOL. */
int stores_find_tables(struct plugin *p, struct error *err);

/* Fills p->stream. */
void stores_init_stream(struct plugin *p);

/* True for ids of these calls. */
static inline bool store_call_is(uint64_t id)
{
    return id >> 62 == 1;
}

/* Appends the settings of the plugin, given what others would get. */
int stores_settings(const struct plugin *p, struct str given, struct buffer *out,
                    struct error *err);

/* [any] hexmcp_host.complete() for a call that is store_call_is(). */
int32_t store_complete(struct plugin *p, hexmcp_call call, uint32_t outcome, hexmcp_str json);

/* [loop] Tells what other threads have brought. */
void stores_drain(struct plugin_host *host);

/* True if it is the plugin that keeps the store, and is or was loaded. */
bool stores_uses(const struct plugin *p);

/* [loop] The plugin has stopped: what it has not answered fails. */
void stores_end_calls(struct plugin *p);

/* [loop] No operation is begun any more. */
void stores_close(struct plugin_host *host);

void stores_free(struct plugin_host *host);
