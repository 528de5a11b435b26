/*
 * plugin.c - the PostgreSQL store behind the plugin ABI.
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

struct state {
    struct front front;
    struct settings settings;
    struct side sides[SERVER_LANES];
    struct server *server;
};

static int is_name(const char *text)
{
    size_t len = strlen(text);
    return len > 0 && len < 64 && strspn(text, "abcdefghijklmnopqrstuvwxyz0123456789_") == len &&
           !(text[0] >= '0' && text[0] <= '9');
}

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
    return hexmcp_fail(err, HEXMCP_E_CONFIG, "%s of the PostgreSQL store is no text", key);
}

/* libpq's own reasons may show a part of the URL, and with it of a password. */
static int32_t check_url(const char *url, hexmcp_error *err)
{
    char *reason = NULL;
    PQconninfoOption *options = PQconninfoParse(url, &reason);
    int fine = options != NULL;
    PQconninfoFree(options);
    PQfreemem(reason);
    if (fine)
        return HEXMCP_OK;
    return hexmcp_fail(err, HEXMCP_E_CONFIG,
                       "storage.url is no URL of PostgreSQL; write "
                       "postgresql://user@host:5432/database, with %%-signs for odd characters");
}

static int32_t read_settings(struct settings *settings, hexmcp_str json, hexmcp_error *err)
{
    uint64_t timeout = TIMEOUT_MS_DEFAULT;
    int32_t status = take_text(json, "url", "postgresql:", &settings->url, err);
    if (status == HEXMCP_OK)
        status = take_text(json, "schema", "hexmcp", &settings->schema, err);
    if (status == HEXMCP_OK)
        status = check_url(settings->url, err);
    if (status != HEXMCP_OK)
        return status;
    if (!is_name(settings->schema))
        return hexmcp_fail(err, HEXMCP_E_CONFIG,
                           "schema of the PostgreSQL store is not made of 1 to 63 small letters, digits "
                           "and _, beginning with a letter");
    if (request_number(json, "timeoutMs", &timeout, err) != HEXMCP_OK || timeout < 10 ||
        timeout > 3600000)
        return hexmcp_fail(err, HEXMCP_E_CONFIG,
                           "timeoutMs of the PostgreSQL store is 10 to 3600000 milliseconds");
    settings->timeout_ms = (int)timeout;
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
                           "the PostgreSQL store needs %s of the host; use a newer hexmcp",
                           HEXMCP_STREAM_1);
    for (int i = 0; i < SERVER_LANES; i++) {
        state->sides[i].pg.settings = &state->settings;
        state->sides[i].pg.patient = i == LANE_DUMPS;
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
    free(state->settings.url);
    free(state->settings.schema);
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

HEXMCP_SIMPLE_PLUGIN("hexmcp.storage-postgresql", "0.1.0", plugin);
