/* Inside of the module: the console and its parts. */
#pragma once

#include "adapters/driving/console/console.h"
#include "core/base/buffer.h"
#include "core/json/writer.h"

/* A file of the page, made by embed.py. */
struct asset {
    struct str name; /* below /console/; empty: the page itself */
    struct str type;
    struct str etag; /* with its quotes */
    struct str content;
};
extern const struct asset assets[];
extern const size_t asset_count;

struct traffic;

struct console_module {
    struct console_options options;
    int64_t started_ms;
    struct traffic *traffic;
    struct http_route routes[3];
};

/* page.c */
void page_handle(void *ctx, struct http_request *request);

/* state.c: `ctx` is the console_module */
void state_handle(void *ctx, struct http_request *request);

/* traffic.c */
struct traffic *traffic_new(const struct clock_port *clock, const struct timer_port *timer);
void traffic_free(struct traffic *traffic);
void traffic_shutdown(struct traffic *traffic);
void traffic_handle(void *ctx, struct http_request *request);
void traffic_seen(void *ctx, const struct traffic_event *event);

/* reply.c */
/* True if the method is GET or HEAD. Otherwise the exchange has been answered. */
bool reply_is_get(struct http_request *request);
void reply_error(struct http_request *request, int status, struct str message);
/* Answers with JSON that is nobody else's and is not kept. */
void reply_json(struct http_request *request, const struct buffer *json);

/* True if what belongs to `subject` may be shown to `viewer`. */
bool may_see(const struct caller *viewer, const struct caller *subject);
