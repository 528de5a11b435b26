/*
 * Services of the world (ports/driven/service.h) as tables of the public ABI. One file a service
 * packs the arguments of the table's functions into requests and unpacks events into the plugin's
 * callbacks; everything else is here. The same code runs in the program and in a plugin's helper,
 * where the port sends to the program.
 */
#pragma once

#include "hexmcp/host.h"
#include "ports/driven/service.h"

struct plugin;

/* What the table's `ctx` points to; lives as long as the plugin. */
struct service_link {
    struct plugin *plugin;
    const struct service_port *port;
    void *table; /* of `size` bytes, made by fill() */
};

/* One service: a row of service_kinds. */
struct service_kind {
    const char *id; /* of the interface: the port with the same id stands behind it */
    size_t size;    /* of its table */
    void (*fill)(void *table, struct service_link *link);
};

extern const struct service_kind *const service_kinds[]; /* ends with NULL */

struct request {
    uint32_t op;
    hexmcp_call call; /* 0: for none */
    hexmcp_str text;
    hexmcp_str bytes;
    /* [loop] Gets the events; after the last one, or request_close, none. When the plugin stops, one
     * last event with ST_CANCELLED. `arg` is released by whoever gets the last event. */
    void (*event)(void *arg, const struct service_event *event);
    void *arg;
};

/* [any] Copies the texts and opens the request on the loop; what fails there comes as the last
 * event. *id, which may be NULL, is written before any event. HEXMCP_OK; HEXMCP_E_BUSY above 1,024
 * open requests of a plugin; HEXMCP_E_TOO_LARGE above 64 MiB; HEXMCP_E_UNAVAILABLE from when the
 * plugin stops; HEXMCP_E_NOMEM. On an error no event follows. */
int32_t request_open(struct service_link *link, const struct request *request, uint64_t *id);

/* [any] HEXMCP_OK; HEXMCP_E_NOT_FOUND if it is over; HEXMCP_E_BUSY if 16 MiB of it wait;
 * HEXMCP_E_NOMEM. */
int32_t request_tell(struct service_link *link, uint64_t id, uint32_t kind, hexmcp_str text,
                     hexmcp_str bytes);

/* [any] Ends it: one last event with ST_CANCELLED, on the loop, if it was still open. */
void request_close(struct service_link *link, uint64_t id);
