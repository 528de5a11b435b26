/*
 * What was asked on a connection and what was sent on it, held against the rules of the protocol:
 * a response for each request and never a second one, nothing for a cancelled request, no
 * notification of a request that has been answered, progress that rises, requests of the server in a
 * session of the handshake era alone. Tests that do not know what is to be sent use it.
 */
#pragma once

#include "core/base/str.h"
#include "ports/driving/message_endpoint.h"

struct ledger;

/* `fault` is called with the rule that was broken and the message that did it. */
struct ledger *ledger_new(void (*fault)(void *user, const char *rule, struct str message),
                          void *user);
void ledger_free(struct ledger *ledger);

/* A message of the client, just before the protocol looks at it. */
void ledger_given(struct ledger *ledger, struct str message);

/* A message of the server. `taken` is false if the client was too slow for it. */
void ledger_sent(struct ledger *ledger, enum message_kind kind, struct str message, bool taken);

/* Nothing more is to come: every request must have its response but those that were cancelled. */
void ledger_end(struct ledger *ledger);

/* The JSON text of the id of the oldest request of the server that has no response; empty if there
 * is none. Borrowed until the next call. */
struct str ledger_open_request(const struct ledger *ledger);
