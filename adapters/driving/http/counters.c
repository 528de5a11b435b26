#include "adapters/driving/http/counters.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

/* Upper ends of the buckets, in microseconds. */
static const uint64_t BUCKETS_US[DURATION_BUCKETS] = {
    100, 250, 500, 1000, 2500, 5000, 10000, 25000, 100000, 500000, 2500000, 10000000};

static struct counter *find(struct counters *c, struct str route, const char *method, int status)
{
    for (size_t i = 0; i < c->count; i++) {
        struct counter *at = &c->items[i];
        if (at->status == status && at->route.ptr == route.ptr && at->method == method)
            return at;
    }
    return NULL;
}

static struct counter *append(struct counters *c, struct str route, const char *method, int status)
{
    if (c->count == c->cap) {
        size_t cap = c->cap ? c->cap * 2 : 16;
        struct counter *items = realloc(c->items, cap * sizeof(*items));
        if (!items)
            return NULL;
        c->items = items;
        c->cap = cap;
    }
    c->items[c->count] = (struct counter){route, method, status, 0};
    return &c->items[c->count++];
}

static void add_duration(struct counters *c, uint64_t ns)
{
    size_t i = 0;
    while (i < DURATION_BUCKETS && ns > BUCKETS_US[i] * 1000)
        i++;
    c->durations[i]++;
    c->duration_ns += ns;
}

void counters_add(struct counters *c, struct str route, const char *method, int status,
                  uint64_t duration_ns)
{
    struct counter *at = find(c, route, method, status);
    if (!at)
        at = append(c, route, method, status);
    if (at)
        at->count++;
    c->requests++;
    add_duration(c, duration_ns);
}

void counters_clear(struct counters *c)
{
    free(c->items);
    c->items = NULL;
    c->count = c->cap = 0;
}

static void add_text(struct buffer *out, const char *text)
{
    buffer_add(out, text, strlen(text));
}

static void write_head(struct buffer *out, const char *name, const char *type, const char *help)
{
    char line[300];
    int len = snprintf(line, sizeof(line), "# HELP %s %s\n# TYPE %s %s\n", name, help, name, type);
    buffer_add(out, line, (size_t)len);
}

void counters_write_one(struct buffer *out, const char *name, const char *type, const char *help,
                        uint64_t value)
{
    write_head(out, name, type, help);
    add_text(out, name);
    buffer_add_char(out, ' ');
    buffer_add_u64(out, value);
    buffer_add_char(out, '\n');
}

static void write_requests(const struct counters *c, struct buffer *out)
{
    write_head(out, "hexmcp_http_requests_total", "counter", "Requests that were answered.");
    for (size_t i = 0; i < c->count; i++) {
        const struct counter *at = &c->items[i];
        char line[200];
        int len = snprintf(line, sizeof(line),
                           "hexmcp_http_requests_total{route=\"%.*s\",method=\"%s\",status=\"%d\"} ",
                           (int)at->route.len, at->route.ptr, at->method, at->status);
        buffer_add(out, line, (size_t)len);
        buffer_add_u64(out, at->count);
        buffer_add_char(out, '\n');
    }
}

static void write_durations(const struct counters *c, struct buffer *out)
{
    char line[120];
    uint64_t count = 0;
    write_head(out, "hexmcp_http_request_duration_seconds", "histogram",
               "From the request line to the end of the answer.");
    for (size_t i = 0; i < DURATION_BUCKETS; i++) {
        count += c->durations[i];
        int len = snprintf(line, sizeof(line),
                           "hexmcp_http_request_duration_seconds_bucket{le=\"%g\"} %llu\n",
                           (double)BUCKETS_US[i] / 1e6, (unsigned long long)count);
        buffer_add(out, line, (size_t)len);
    }
    count += c->durations[DURATION_BUCKETS];
    int len = snprintf(line, sizeof(line),
                       "hexmcp_http_request_duration_seconds_bucket{le=\"+Inf\"} %llu\n"
                       "hexmcp_http_request_duration_seconds_sum %.9f\n",
                       (unsigned long long)count, (double)c->duration_ns / 1e9);
    buffer_add(out, line, (size_t)len);
    add_text(out, "hexmcp_http_request_duration_seconds_count ");
    buffer_add_u64(out, count);
    buffer_add_char(out, '\n');
}

void counters_write(const struct counters *c, struct buffer *out)
{
    write_requests(c, out);
    write_durations(c, out);
    counters_write_one(out, "hexmcp_http_request_body_bytes_total", "counter",
                       "Bytes of bodies that were received.", c->body_bytes);
    counters_write_one(out, "hexmcp_http_response_body_bytes_total", "counter",
                       "Bytes of bodies that were answered with.", c->answer_bytes);
    counters_write_one(out, "hexmcp_http_connections_total", "counter",
                       "Connections that were taken.", c->connections);
    counters_write_one(out, "hexmcp_http_connections_refused_total", "counter",
                       "Connections that were refused because there were too many.",
                       c->refused_connections);
    counters_write_one(out, "hexmcp_http_timeouts_total", "counter",
                       "Connections that were ended because nothing came or went.", c->timeouts);
}
