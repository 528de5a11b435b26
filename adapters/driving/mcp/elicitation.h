/* Which elicitations by URL a client was sent, so that it alone hears when one is complete. */
#pragma once

#include "core/base/error.h"
#include "core/json/json.h"

#define ELICITATION_ID_SIZE 65

/* The newest that are remembered on a connection. */
#define ELICITATIONS_KEPT 32

struct elicitation {
    char id[ELICITATION_ID_SIZE]; /* empty: none */
};

struct connection;

/* The id of an elicitation that is about to be sent: the one that the plugin gave, or a random
 * one. */
int elicitation_note(struct connection *c, struct json given, char id[ELICITATION_ID_SIZE],
                     struct error *err);

/* Tells the client, if it was the one. */
void elicitation_complete(struct connection *c, struct str id);
