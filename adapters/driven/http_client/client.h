/* Inside of the client, on the program's side: the requests that are open. */
#pragma once

#include <pthread.h>
#include <stdatomic.h>

#include "adapters/driven/http_client/http_client.h"
#include "adapters/driven/http_client/http_module.h"
#include "adapters/driven/http_client/outgoing.h"
#include "adapters/driven/http_client/secrets.h"
#include "core/policy/destination.h"

/* What the module's thread has told of a request and the loop has not seen; guarded by the client's
 * lock. */
struct told {
    struct buffer head, body;
    size_t raw; /* bytes that `body` was before secrets were hidden */
    size_t sent;
    bool ended;
    struct http_end end;
};

struct asked {
    struct http_client *client;
    struct asked *next; /* of those that the loop knows */
    uint64_t id;
    struct service_sink sink;
    bool open;       /* [loop] somebody wants to hear of it                                     */
    bool delivering; /* [loop] is in the hands of deliver()                                     */
    struct timer *timer;
    uint64_t begun_ns, timeout_ns, deadline_ns; /* the last: of the call, 0: none               */

    /* Never changes from when the module has it. */
    char *plugin;
    struct http_place place;
    struct outgoing outgoing;
    struct buffer url; /* with secrets */
    struct buffer body;
    struct secrets secrets;
    struct destinations destinations;

    struct http_exchange *exchange; /* NULL before it begins and after its end */
    size_t written; /* [loop] and not sent */
    size_t untaken, raw; /* [loop] bytes of the body that were told and not taken, and as they came */
    atomic_uint_fast64_t connecting_ns; /* since when; 0: it does not */

    struct buffer tail; /* [module] of the body, which may be the beginning of a secret */

    struct told told;
    struct asked *next_told;
    bool in_told;
};

struct http_client {
    struct http_client_config config;
    char *texts[2]; /* proxy, ca_file */
    struct destinations unverified;
    struct service_port port;
    struct http_module module;
    struct http_engine *engine; /* NULL: not loaded */
    struct asked *asked;
    uint64_t ids;

    pthread_mutex_t lock;
    struct asked *told, *told_last; /* guarded by lock, as what asked.told holds */
    bool posted;
};

/* Of telling.c. */
extern const struct http_events telling_events;
/* [loop] Tells the sinks what the module has told. */
void telling_deliver(struct http_client *client);

/* [loop] One event that is the last one: the message of `err`. The request is not open any more; it
 * stays until the module is done with it. */
void asked_fail(struct asked *a, const struct error *err);

/* [loop] Nobody hears of it any more. */
void asked_close(struct asked *a);

/* [loop] Frees it, if nobody holds it. */
void asked_release(struct asked *a);

uint64_t client_now(const struct http_client *client);
