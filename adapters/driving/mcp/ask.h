/*
 * Asking the client for input while a call goes on.
 *
 * A plugin ends a call with requests for input and a state. In the modern era the client gets them as
 * the result, with the state sealed, and repeats its request with the answers; in the handshake era
 * the server sends the requests itself and waits. Either way the call goes on with state and answers.
 */
#pragma once

#include "adapters/driving/mcp/connection.h"
#include "adapters/driving/mcp/input/input_need.h"

/* Times that one call may ask. */
#define ASK_ROUNDS_MAX 32u

/* A call ended with CALL_INPUT_REQUIRED; `wanted` is {"requests":{...},"state":...}. Answers the
 * request, or asks the client and answers it later. */
void ask_client(struct request *r, struct json wanted);

/* Answers a request whose plugin cannot get what it needs: a tool error for a tool, else an error of
 * the protocol. */
void ask_failed(struct request *r, const struct error *why);

/* ask_modern.c */
void ask_modern(struct request *r, struct json wanted, const struct input_target *target);
/* A request that may be a repetition with answers. True: it was one, and has been taken care of. */
bool ask_take_answers(struct request *r);

/* ask_legacy.c */
void ask_legacy(struct request *r, struct json wanted, const struct input_target *target);
/* Nothing more is expected for the request. */
void ask_forget(struct request *r);
