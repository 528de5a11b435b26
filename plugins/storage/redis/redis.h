/*
 * redis.h - a connection to Redis, of one thread.
 *
 * SPDX-License-Identifier: MIT
 *
 * It is made when it is needed and made anew when it was lost; between two tries that failed some time
 * passes, in which all fails at once. All that touches data is a script (scripts.h).
 */
#pragma once

#include "kit/job.h"

#include <hiredis/hiredis.h>

#include "scripts.h"

struct settings {
    char *host;      /* or */
    char *socket;    /* path of a socket */
    char *user;      /* NULL: the default one */
    char *password;  /* NULL: none; never shown */
    char *prefix;    /* of all keys */
    int port;
    int database;
    int timeout_ms;
    int wait_replicas;
};

struct redis {
    const struct settings *settings;
    const hexmcp_host *host;
    redisContext *context;
    char shas[SCRIPTS][41];
    int warned;            /* about what the server would lose */
    int64_t not_before_ms; /* of the next try to connect */
    int64_t pause_ms;
    hexmcp_error refused;  /* why the last try failed */
};

/* url.c: reads redis://[user]:password@host:port/database?socket=path. */
int32_t settings_url(struct settings *settings, const char *url, hexmcp_error *err);
void settings_clear(struct settings *settings);

/* HEXMCP_OK when there is a connection that works. */
int32_t redis_connect(struct redis *redis, hexmcp_error *err);
void redis_close(struct redis *redis);

/* A call of a script. */
struct command {
    enum script script;
    const char **texts;
    size_t *lens;
    size_t count;
    size_t room;
    struct arena *arena; /* of numbers */
    int failed;          /* memory was short */
};

/* `generation` is that of a restore, or empty: the one that is in use. */
void command_begin(struct command *c, struct arena *arena, enum script script,
                   const struct redis *redis, hexmcp_str generation);
/* `text` is borrowed until the command is sent. */
void command_add(struct command *c, hexmcp_str text);
void command_number(struct command *c, uint64_t number);
void command_free(struct command *c);

/* Puts the command behind those that are to be sent. */
int32_t redis_send(struct redis *redis, struct command *c, hexmcp_error *err);
/* The next reply, freed by freeReplyObject; errors of Redis are errors here. */
int32_t redis_reply(struct redis *redis, redisReply **out, hexmcp_error *err);
/* Both, for one command, which is freed. */
int32_t redis_ask(struct redis *redis, struct command *c, redisReply **out, hexmcp_error *err);

/* Members of a reply that is an array; 0 and empty if it has not so many. */
uint64_t reply_number(const redisReply *reply, size_t index);
hexmcp_str reply_text(const redisReply *reply, size_t index);

/* For plain commands: sends and takes the reply. */
int32_t redis_plain(struct redis *redis, redisReply **out, hexmcp_error *err, const char *format, ...);
