/*
 * settings.h - what the operator has set for this plugin.
 *
 * SPDX-License-Identifier: MIT
 */
#pragma once

#include <stdbool.h>

#include "hexmcp/simple.h"

/* The secrets that may go over a WebSocket; plugin.json asks for them by these names. */
#define SETTINGS_SECRETS 4
#define SETTINGS_NAMES "graphql-websocket, graphql-websocket-2 to graphql-websocket-4"
#define SETTINGS_NAME 65
#define SETTINGS_HOSTS 8

struct settings {
    char ca_file[4096]; /* "": the system's authorities */
    struct settings_secret {
        char name[SETTINGS_NAME];
        char hosts[SETTINGS_HOSTS][270]; /* "example.org:443"; without port: 80 and 443 */
        size_t count;
    } secrets[SETTINGS_SECRETS];
    size_t count;
};

int32_t settings_read(struct settings *s, hexmcp_str json, hexmcp_error *err);

/* Whether this secret may be sent there over a WebSocket. */
bool settings_allow(const struct settings *s, const char *name, const char *host, uint32_t port);
