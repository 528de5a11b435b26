/*
 * settings.h - the databases that the operator has set.
 *
 * SPDX-License-Identifier: MIT
 *
 *     {"databases": {"NAME": {"url": "postgresql://user@host:5432/name",
 *                             "password": {"secret": "database-password"}, "readOnly": true,
 *                             "tls": "verify", "caFile": "/etc/ssl/db.pem", "pool": 4}}}
 */
#pragma once

#include <pthread.h>
#include <stdbool.h>

#include "hexmcp/simple.h"

#define DATABASES_MOST 32
#define POOL_MOST 10

enum engine { ENGINE_POSTGRESQL, ENGINE_MARIADB, ENGINE_SQLITE };
enum tls { TLS_VERIFY, TLS_REQUIRE, TLS_OFF };

struct database {
    char name[101];
    enum engine engine;
    char user[129];
    char host[256];
    char base[129];
    uint32_t port;
    enum tls tls;
    char ca_file[1025];
    char secret[65]; /* the name of the secret with the password; "": none */
    bool read_only;
    int pool; /* connections at once */
    int open;
};

/* The state of the plugin. */
struct settings {
    pthread_mutex_t mutex; /* of the members `open` */
    struct database databases[DATABASES_MOST];
    size_t count;
};

/* [loop] `json` are the settings of the plugin. */
int32_t settings_read(struct settings *settings, hexmcp_str json, hexmcp_error *err);

struct database *settings_find(struct settings *settings, const char *name);

const char *engine_name(enum engine engine);

/* "postgresql://user@host:port/name" into the members. */
int32_t settings_read_url(const char *url, struct database *db, hexmcp_error *err);
