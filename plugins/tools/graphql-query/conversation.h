/*
 * conversation.h - one subscription over WebSocket: graphql-transport-ws, or the older graphql-ws.
 *
 * SPDX-License-Identifier: MIT
 */
#pragma once

#include "credentials.h"
#include "gathered.h"
#include "socket.h"

struct conversation {
    const hexmcp_round *r;
    const struct credentials *credentials;
    struct socket *socket;
    bool legacy;
    hexmcp_str start; /* what is asked, {"query": ...} */
    struct gathered *gathered;
    bool begun;          /* the server has accepted the connection */
    bool complete;       /* it has no more */
    struct bytes errors; /* JSON: it has ended with these, an array */
    bool refused;        /* with these it does not even accept the connection */
    const char *wrong;   /* it has said what makes no sense */
};

/* The first message; `params`, JSON, is its payload, or empty. false if memory is short. */
bool conversation_begin(struct conversation *c, hexmcp_str params);

/* A message of the server; sets socket->ended when nothing more is wanted. */
void conversation_take(void *conversation, hexmcp_str text);

/* Says that no more is wanted. */
void conversation_end(struct conversation *c);
