/*
 * Inside of hexmcp-plugin-host: a plugin host of one plugin, whose ports lead over the wire to the
 * program. Everything is [loop] unless tagged.
 */
#pragma once

#include <pthread.h>

#include "adapters/driven/loop/loop.h"
#include "adapters/driving/cli/plugin_checks.h"
#include "adapters/driven/plugin_host/offer.h"
#include "adapters/driven/plugin_host/sandbox/sandbox.h"
#include "adapters/driven/plugin_host/wire/start.h"
#include "adapters/driven/plugin_host/wire/wire.h"

#define CALL_BUCKETS 256u

struct helper_call;
struct file_wait;
struct log_line;
struct remote_request;
struct sent_offer;

struct remote_service {
    struct helper *helper;
    uint32_t number;
    char *id, *missing;
    struct service_port port;
};

struct helper {
    struct loop *loop;
    struct wire *wire;
    struct regex_module *regex;
    struct plugin_checker checker;
    struct plugin_host *host;
    const struct plugin_runtime *runtime;
    struct plugin_grants grants;
    struct sandbox_report found; /* what the kernel can do */
    struct str settings;

    struct log_port log;
    struct denials_port denials;
    struct files_port files;
    struct lost_worker_port lost_worker;
    struct run_events events;
    struct offer_exit offer_exit;
    struct remote_service services[WIRE_SERVICES_MAX];
    const struct service_port *service_ports[WIRE_SERVICES_MAX];
    size_t service_count;

    struct helper_call *calls[CALL_BUCKETS];
    struct remote_request *requests;
    struct sent_offer *offers;
    uint64_t ids; /* of what it asks for */

    pthread_mutex_t lock;
    pthread_cond_t answered;
    struct file_wait *files_open; /* [loop] */
    struct log_line *lines, *lines_last; /* guarded by lock, like the next two */
    size_t line_count, lines_dropped;
};

/* Ends the process at once, saying why on stderr. [any] */
_Noreturn void helper_die(const char *why);

/* Sends what is in wire_body() with a descriptor or -1, or dies. */
void helper_send(struct helper *h, enum wire_op op, uint64_t id);

/* A message of the program. */
int helper_message(void *ctx, struct wire_message *message, struct error *err);

/* calls.c */
void helper_calls_init(struct helper *h);
int helper_call(struct helper *h, const struct wire_message *message, struct error *err);

/* log.c: lines go in order, whatever thread they are from. */
void helper_log_init(struct helper *h);
/* Sends what waits. */
void helper_log_flush(struct helper *h);

/* files.c */
void helper_files_init(struct helper *h);
int helper_file_reply(struct helper *h, struct wire_message *message, struct error *err);

/* services.c */
int helper_services_init(struct helper *h, const struct wire_start *start, struct error *err);
int helper_service_event(struct helper *h, struct wire_message *message, struct error *err);

/* offers.c */
void helper_offers_init(struct helper *h);
int helper_offer_reply(struct helper *h, const struct wire_message *message, struct error *err);
/* Answers those that wait: the end has come. */
void helper_offers_close(struct helper *h);
