/* Inside of services: the open requests of plugins, and the tables that make them. */
#pragma once

#include "adapters/driven/plugin_host/host.h"
#include "adapters/driven/plugin_host/services/service.h"

struct open_request;

enum request_verb { REQUEST_OPEN, REQUEST_TELL, REQUEST_CLOSE };

/* What another thread asks for a request; waits in the inbox. */
struct request_word {
    enum request_verb verb;
    uint64_t id;
    uint32_t kind;
    struct str text, bytes;
    char data[]; /* both */
};

/* [loop] Does what is asked. */
void request_handle(struct plugin *p, const struct request_word *word);

/* [loop] Ends the open requests of one call, and of all: each gets its last event, ST_CANCELLED. */
void requests_end_call(struct plugin *p, uint64_t call);
void requests_close(struct plugin *p);

/* Without events. */
void requests_free(struct plugin *p);

/* Makes the tables that the plugin may have. */
int services_make(struct plugin *p, struct error *err);
void services_free(struct plugin *p);

/* [any] The table of this id, or NULL; says why in the log if it is one that needs a grant. */
const void *service_table(struct plugin *p, const char *id);
