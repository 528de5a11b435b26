/*
 * What the first bytes of a connection ask for. Pure.
 *
 * Only what is sure goes elsewhere than to HTTP, which knows how to answer whatever is odd.
 */
#pragma once

#include "ports/types.h"

/* What is looked at before a connection is somebody's: an upgrade with longer headers goes to HTTP. */
#define FIRST_BYTES_MAX ((size_t)16 * 1024)

/* Where WebSocket is served. */
#define WEBSOCKET_PATH "/ws"

/* The word that a program begins with that brings lines over a Unix socket. */
#define CONNECT_WORD "HEXMCP-CONNECT/"

enum first_bytes {
    FIRST_BYTES_MORE, /* they do not tell yet */
    FIRST_BYTES_HTTP,
    FIRST_BYTES_WEBSOCKET, /* GET WEBSOCKET_PATH with "Upgrade: websocket" */
    FIRST_BYTES_LINES,     /* CONNECT_WORD, where `local` allows it */
};

/* `bytes` are all that came until now. */
enum first_bytes first_bytes_tell(struct str bytes, bool local);
