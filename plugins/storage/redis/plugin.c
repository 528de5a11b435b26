/*
 * plugin.c - the Redis store behind the plugin ABI.
 *
 * SPDX-License-Identifier: MIT
 */
#include "side.h"

#include "kit/server.h"

#include "hexmcp/plugin.h"
#include "hexmcp/simple.h"

#include <stdlib.h>
#include <string.h>

#define TIMEOUT_MS_DEFAULT 10000
#define PREFIX_MAX 200

struct state {
    struct front front;
    struct settings settings;
    struct side sides[SERVER_LANES];
    struct server *server;
};

static int32_t take_text(hexmcp_str json, const char *key, const char *otherwise, char **out,
                         hexmcp_error *err)
{
    hexmcp_str value;
    if (hexmcp_json_get(json, key, &value) != HEXMCP_OK) {
        *out = strdup(otherwise);
        return *out ? HEXMCP_OK : job_no_memory(err);
    }
    if (hexmcp_json_string_dup(value, out, NULL) == HEXMCP_OK)
        return HEXMCP_OK;
    return hexmcp_fail(err, HEXMCP_E_CONFIG, "%s of the Redis store is no text", key);
}

static int32_t read_settings(struct settings *settings, hexmcp_str json, hexmcp_error *err)
{
    uint64_t timeout = TIMEOUT_MS_DEFAULT, replicas = 0;
    char *url = NULL;
    int32_t status = take_text(json, "url", "redis://127.0.0.1", &url, err);
    if (status == HEXMCP_OK)
        status = settings_url(settings, url, err);
    free(url);
    if (status == HEXMCP_OK)
        status = take_text(json, "prefix", "hexmcp:", &settings->prefix, err);
    if (status != HEXMCP_OK)
        return status;
    if (strlen(settings->prefix) > PREFIX_MAX)
        return hexmcp_fail(err, HEXMCP_E_CONFIG, "prefix of the Redis store has at most %d bytes",
                           PREFIX_MAX);
    if (request_number(json, "timeoutMs", &timeout, err) != HEXMCP_OK || timeout < 10 ||
        timeout > 3600000)
        return hexmcp_fail(err, HEXMCP_E_CONFIG,
                           "timeoutMs of the Redis store is 10 to 3600000 milliseconds");
    if (request_number(json, "waitReplicas", &replicas, err) != HEXMCP_OK || replicas > 100)
        return hexmcp_fail(err, HEXMCP_E_CONFIG, "waitReplicas of the Redis store is 0 to 100");
    settings->timeout_ms = (int)timeout;
    settings->wait_replicas = (int)replicas;
    return HEXMCP_OK;
}

static int32_t init(void *self, const hexmcp_host *host, hexmcp_str config_json, hexmcp_error *err)
{
    struct state *state = self;
    struct server_work work = {.run = side_run, .end = side_end};
    int32_t status = read_settings(&state->settings, config_json, err);
    if (status != HEXMCP_OK)
        return status;
    state->front.host.host = host;
    state->front.host.stream = host->get_interface(host->ctx, HEXMCP_STREAM_1);
    if (!state->front.host.stream)
        return hexmcp_fail(err, HEXMCP_E_UNSUPPORTED,
                           "the Redis store needs %s of the host; use a newer hexmcp",
                           HEXMCP_STREAM_1);
    for (int i = 0; i < SERVER_LANES; i++) {
        state->sides[i].redis.settings = &state->settings;
        state->sides[i].redis.host = host;
        state->sides[i].redis.warned = i != LANE_CHANGES;
        state->sides[i].changes = i == LANE_CHANGES;
        work.arg[i] = &state->sides[i];
    }
    state->server = server_new(&state->front, work);
    return state->server ? HEXMCP_OK : job_no_memory(err);
}

static void stop(void *self)
{
    server_stop(((struct state *)self)->server);
}

static void clear(void *self)
{
    struct state *state = self;
    server_free(state->server);
    settings_clear(&state->settings);
}

static const void *get_interface(void *self, const char *id)
{
    const struct state *state = self;
    return state->server ? front_interface(&state->front, id) : NULL;
}

static const hexmcp_simple plugin = {.self_size = sizeof(struct state),
                                     .init = init,
                                     .stop = stop,
                                     .clear = clear,
                                     .get_interface = get_interface};

HEXMCP_SIMPLE_PLUGIN("hexmcp.storage-redis", "0.1.0", plugin);
