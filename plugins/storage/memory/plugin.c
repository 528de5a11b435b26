/*
 * plugin.c - the memory store behind the plugin ABI.
 *
 * SPDX-License-Identifier: MIT
 */
#include "store.h"

#include "hexmcp/plugin.h"
#include "hexmcp/simple.h"

#define MAX_BYTES_DEFAULT ((uint64_t)256 << 20)

struct state {
    struct front front;
    struct store *store;
};

static int32_t init(void *self, const hexmcp_host *host, hexmcp_str config_json, hexmcp_error *err)
{
    struct state *state = self;
    uint64_t max = MAX_BYTES_DEFAULT;
    int32_t status = request_number(config_json, "maxBytes", &max, err);
    if (status != HEXMCP_OK)
        return hexmcp_fail(err, HEXMCP_E_CONFIG, "maxBytes of the memory store is a number of bytes");
    state->front.host.host = host;
    state->front.host.stream = host->get_interface(host->ctx, HEXMCP_STREAM_1);
    if (!state->front.host.stream)
        return hexmcp_fail(err, HEXMCP_E_UNSUPPORTED,
                           "the memory store needs %s of the host; use a newer hexmcp",
                           HEXMCP_STREAM_1);
    state->store = store_new(&state->front.host, max);
    if (!state->store)
        return job_no_memory(err);
    state->front.store = state->store;
    state->front.submit = store_submit;
    state->front.cancel = store_cancel;
    front_init(&state->front);
    return HEXMCP_OK;
}

static void stop(void *self)
{
    store_stop(((struct state *)self)->store);
}

static void clear(void *self)
{
    store_free(((struct state *)self)->store);
}

static const void *get_interface(void *self, const char *id)
{
    const struct state *state = self;
    return state->store ? front_interface(&state->front, id) : NULL;
}

static const hexmcp_simple plugin = {.self_size = sizeof(struct state),
                                     .init = init,
                                     .stop = stop,
                                     .clear = clear,
                                     .get_interface = get_interface};

HEXMCP_SIMPLE_PLUGIN("hexmcp.storage-memory", "0.1.0", plugin);
