/*
 * What goes on in a part of the server, told to somebody who watches. A part that has something to
 * tell offers a source; `visit` calls the visitor for each thing, at once. All [loop].
 */
#pragma once

#include "ports/context.h"

/* Texts are borrowed until the visitor returns, and may be empty. Times: UTC, ms since 1970. */
struct activity_connection {
    struct str wire; /* "http", "websocket", "local", "stdio"                                    */
    struct str peer; /* an address, or what a local peer is                                      */
    const struct caller *caller; /* who speaks, or spoke last; NULL: nobody yet, and then nobody
                                    is shown it                                                  */
    int64_t opened_ms;
    uint64_t received, sent; /* bytes                                                            */
    size_t pending;          /* requests that are not answered                                   */
};

struct activity_session {
    struct str id;       /* whole; who shows it shortens it                                      */
    struct str protocol; /* the revision                                                         */
    struct str client;   /* what the client says that it is                                      */
    const struct caller *caller;
    int64_t created_ms, used_ms;
};

struct activity_plugin {
    struct str id, title, version;
    struct str state;  /* "loaded", "refused" ...                                                */
    struct str origin; /* "bundled", "user" ...                                                  */
    struct str reason; /* why it is not there                                                    */
};

struct activity_counter {
    struct str name;
    uint64_t value;
};

struct activity_visitor {
    void *ctx;
    void (*connection)(void *ctx, const struct activity_connection *connection);
    void (*session)(void *ctx, const struct activity_session *session);
    void (*plugin)(void *ctx, const struct activity_plugin *plugin);
    void (*counter)(void *ctx, const struct activity_counter *counter);
};

struct activity_source {
    void *ctx;
    void (*visit)(void *ctx, const struct activity_visitor *visitor);
};
