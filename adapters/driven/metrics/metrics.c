#include "adapters/driven/metrics/metrics.h"

#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>

#include "core/base/buffer.h"
#include "core/base/str.h"

/* Methods, wires, revisions and ends are few; what is beyond that is counted as one. */
#define ROWS_MAX 512

#define BUCKETS 7

static const struct {
    uint64_t ns;
    const char *label;
} bounds[BUCKETS] = {
    {100000u, "0.0001"}, {1000000u, "0.001"},   {10000000u, "0.01"},     {100000000u, "0.1"},
    {1000000000u, "1"},  {10000000000u, "10"}, {60000000000u, "60"},
};

static const char *const ends[] = {
    [TRAFFIC_RESULT] = "result",
    [TRAFFIC_ERROR] = "error",
    [TRAFFIC_CANCELLED] = "cancelled",
};

/* Requests that have all labels in common. The texts are names of the protocol and of our wires; what
 * the client wrote is not among them. */
struct row {
    char method[40];
    char wire[16];
    char protocol[16];
    enum traffic_end end;
    uint64_t count;
};

struct timing {
    char method[40];
    uint64_t count, sum_ns;
    uint64_t buckets[BUCKETS]; /* each with all below it */
};

struct metrics {
    struct row rows[ROWS_MAX];
    size_t row_count;
    struct timing timings[ROWS_MAX];
    size_t timing_count;
    uint64_t received, sent;
};

struct metrics *metrics_new(void)
{
    return calloc(1, sizeof(struct metrics));
}

void metrics_free(struct metrics *metrics)
{
    free(metrics);
}

static bool holds(const char *label, struct str text)
{
    return str_eq(str_from(label), text);
}

static void keep(char *label, size_t size, struct str text)
{
    snprintf(label, size, "%.*s", STR_ARG(text));
}

static struct str method_of(const struct traffic_event *event)
{
    return event->method.len && event->method.len < sizeof(((struct row *)0)->method)
               ? event->method
               : STR("other");
}

/* The last one takes what there is no room for. */
static struct row *row_of(struct metrics *m, const struct traffic_event *event)
{
    struct str method = method_of(event);
    for (size_t i = 0; i < m->row_count; i++) {
        struct row *row = &m->rows[i];
        if (row->end == event->end && holds(row->method, method) &&
            holds(row->wire, event->wire) && holds(row->protocol, event->protocol))
            return row;
    }
    struct row *row = &m->rows[m->row_count < ROWS_MAX ? m->row_count++ : ROWS_MAX - 1];
    if (row->count == 0) {
        keep(row->method, sizeof(row->method), method);
        keep(row->wire, sizeof(row->wire), event->wire);
        keep(row->protocol, sizeof(row->protocol), event->protocol);
        row->end = event->end;
    }
    return row;
}

static struct timing *timing_of(struct metrics *m, const struct traffic_event *event)
{
    struct str method = method_of(event);
    for (size_t i = 0; i < m->timing_count; i++)
        if (holds(m->timings[i].method, method))
            return &m->timings[i];
    struct timing *timing =
        &m->timings[m->timing_count < ROWS_MAX ? m->timing_count++ : ROWS_MAX - 1];
    if (timing->count == 0)
        keep(timing->method, sizeof(timing->method), method);
    return timing;
}

static void seen(void *ctx, const struct traffic_event *event)
{
    struct metrics *m = ctx;
    struct timing *timing = timing_of(m, event);
    row_of(m, event)->count++;
    timing->count++;
    timing->sum_ns += event->duration_ns;
    for (size_t i = BUCKETS; i > 0 && event->duration_ns <= bounds[i - 1].ns; i--)
        timing->buckets[i - 1]++;
    m->received += event->received;
    m->sent += event->sent;
}

struct traffic_tap metrics_tap(struct metrics *metrics)
{
    return (struct traffic_tap){metrics, seen, NULL};
}

/* ---- the text ---- */

static void line(struct buffer *out, const char *format, ...) __attribute__((format(printf, 2, 3)));
static void line(struct buffer *out, const char *format, ...)
{
    char text[256];
    va_list args;
    va_start(args, format);
    int len = vsnprintf(text, sizeof(text), format, args);
    va_end(args);
    if (len > 0 && (size_t)len < sizeof(text))
        buffer_add_str(out, (struct str){text, (size_t)len});
}

static void family(struct buffer *out, const char *name, const char *type, const char *help)
{
    line(out, "# HELP %s %s\n", name, help);
    line(out, "# TYPE %s %s\n", name, type);
}

static void write_requests(const struct metrics *m, struct buffer *out)
{
    family(out, "hexmcp_mcp_requests_total", "counter", "Requests of MCP that are over.");
    for (size_t i = 0; i < m->row_count; i++) {
        const struct row *row = &m->rows[i];
        line(out,
             "hexmcp_mcp_requests_total{method=\"%s\",wire=\"%s\",protocol=\"%s\",end=\"%s\"} %llu\n",
             row->method, row->wire, row->protocol, ends[row->end],
             (unsigned long long)row->count);
    }
}

static void write_timing(const struct timing *t, struct buffer *out)
{
    static const char *const name = "hexmcp_mcp_request_seconds";
    for (size_t i = 0; i < BUCKETS; i++)
        line(out, "%s_bucket{method=\"%s\",le=\"%s\"} %llu\n", name, t->method, bounds[i].label,
             (unsigned long long)t->buckets[i]);
    line(out, "%s_bucket{method=\"%s\",le=\"+Inf\"} %llu\n", name, t->method,
         (unsigned long long)t->count);
    line(out, "%s_sum{method=\"%s\"} %.9f\n", name, t->method, (double)t->sum_ns / 1e9);
    line(out, "%s_count{method=\"%s\"} %llu\n", name, t->method, (unsigned long long)t->count);
}

static void write_all(void *ctx, struct buffer *out)
{
    const struct metrics *m = ctx;
    write_requests(m, out);
    family(out, "hexmcp_mcp_request_seconds", "histogram",
           "How long they took, from the message to the end of the answer.");
    for (size_t i = 0; i < m->timing_count; i++)
        write_timing(&m->timings[i], out);
    family(out, "hexmcp_mcp_received_bytes_total", "counter", "Bytes of the messages they came in.");
    line(out, "hexmcp_mcp_received_bytes_total %llu\n", (unsigned long long)m->received);
    family(out, "hexmcp_mcp_sent_bytes_total", "counter", "Bytes of their answers.");
    line(out, "hexmcp_mcp_sent_bytes_total %llu\n", (unsigned long long)m->sent);
}

struct metrics_source metrics_source(struct metrics *metrics)
{
    return (struct metrics_source){metrics, write_all};
}
