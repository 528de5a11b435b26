/* For services whose functions only say something: one request that stays open carries all of it. */
#pragma once

#include <pthread.h>

#include "adapters/driven/plugin_host/services/service.h"

/* Part of a table, which is zeroed; it needs no end. */
struct service_stream {
    pthread_mutex_t lock; /* as it is zeroed it is ready (glibc)                                 */
    uint64_t id;          /* 0: not open                                                         */
    void (*event)(void *arg, const struct service_event *event); /* of the request, or NULL      */
    void *arg;
};

/* [any] Opens the request of operation `op`, if it is not open, and says the word. Errors as
 * request_open and request_tell have them; HEXMCP_E_UNAVAILABLE when it is over. */
int32_t stream_say(struct service_stream *stream, struct service_link *link, uint32_t op,
                   uint32_t kind, hexmcp_str text, hexmcp_str bytes);
