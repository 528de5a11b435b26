/*
 * What plugins may ask of the world: http, net, process, kv and others, behind one port. A plugin
 * opens a request; the service answers with events until the last one. The plugin host shows it to
 * plugins as a table of the public ABI, and carries it to plugins in helpers.
 *
 * All [loop]. Numbers of operations and events belong to the service: adapters/driven/<service>.
 */
#pragma once

#include "ports/context.h"
#include "ports/path_grants.h"
#include "ports/plugin_grants.h"

/* All text and `grants` are borrowed until open() returns. */
struct service_request {
    uint32_t op;
    struct str plugin;    /* its id                                                              */
    uint64_t call;        /* the call of the plugin that it is for; 0: none                      */
    uint64_t deadline_ns; /* monotonic, of that call; 0: none                                    */
    const struct caller *caller; /* who asked for that call; NULL: none, or the host itself       */
    const struct path_grants *paths; /* what that call may open; NULL: nothing                    */
    struct str traceparent; /* of that call; empty if it has none                                */
    struct str tracestate;
    const struct plugin_grants *grants;
    struct str text;  /* JSON object of parameters; empty if the operation has none              */
    struct str bytes; /* a body, a value; empty if it has none                                   */
};

struct service_event {
    uint32_t kind;
    int status;       /* of the last one: ST_OK, or why it failed; else ST_OK                    */
    struct str text;  /* JSON; of a failure {"message": for a person}; borrowed until return     */
    struct str bytes; /* borrowed until return                                                   */
    int fd;           /* a descriptor that the receiver takes over, or -1                        */
    bool last;        /* the request is over                                                     */
};

/* Gets the events of one request, none before open() has returned. It may close() from inside. */
struct service_sink {
    void *ctx;
    void (*event)(void *ctx, const struct service_event *event);
};

struct service_port {
    void *ctx;
    const char *id; /* of the public interface, "hexmcp.http/1" */

    /* True if a plugin with these grants gets the table at all; else *missing names what its
     * manifest would have to ask for: "\"hosts\"". */
    bool (*allows)(void *ctx, const struct plugin_grants *grants, const char **missing);

    /* Begins. `id` is never 0 and not used again. On an error there are no events. */
    int (*open)(void *ctx, const struct service_request *request, const struct service_sink *sink,
                uint64_t *id, struct error *err);

    /* Says more about an open request: more input, a pause. Unknown ids are ignored. */
    void (*tell)(void *ctx, uint64_t id, uint32_t kind, struct str text, struct str bytes);

    /* Ends it; no event comes any more. Unknown ids are ignored. */
    void (*close)(void *ctx, uint64_t id);
};
