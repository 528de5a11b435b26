/* The real hexmcp with the plugin, spoken to as a client does: what only that can show. */
#pragma once

#include <sys/types.h>

#include "adapters/driving/validator/validator.h"
#include "core/base/buffer.h"

struct server {
    struct trial *t;
    pid_t pid;
    int in, out;
    struct buffer rest;
    unsigned long serial;
};

/* The home of a server, beside the scratch folder of its check. */
#define SERVER_HOME_SIZE 72
void server_home(const char *scratch, char out[SERVER_HOME_SIZE]);

/* Starts `hexmcp serve` with the plugin alone enabled, in a helper process or not. False if it
 * cannot be started. */
bool server_start(struct server *s, struct trial *t, bool isolated);
void server_stop(struct server *s);

/* Sends tools/call; its id. */
unsigned long server_send(struct server *s, struct str tool, struct str arguments);

/* Waits for the answer to the id, at most `ms`: "result" or "error" with its value as it came, into
 * *out, which is emptied first. False if none came. */
bool server_answer(struct server *s, unsigned long id, unsigned ms, struct buffer *out);

/* The helper that runs the plugin for it; 0 if there is none. */
pid_t server_helper(const struct server *s);
bool server_lives(const struct server *s);
