/* Figures of events, and of hooks. */
#include <stdio.h>
#include <stdlib.h>

#include "core/hook/builtin/kinds.h"

struct hook_metrics {
    uint64_t events[HOOK_POINTS];
    uint64_t errors[HOOK_POINTS];
    uint64_t timed[HOOK_POINTS];
    uint64_t total_ms[HOOK_POINTS];
};

struct hook_metrics *hook_metrics_new(void)
{
    return calloc(1, sizeof(struct hook_metrics));
}

void hook_metrics_free(struct hook_metrics *metrics)
{
    free(metrics);
}

static enum hook_result run(void *self, struct hook_turn *turn)
{
    struct hook_metrics *m = self;
    enum hook_point point = turn->event->point;
    struct buffer duration = BUFFER_INIT;
    m->events[point]++;
    if (builtin_flag(turn, STR("/isError")))
        m->errors[point]++;
    if (hook_turn_read(turn, STR("/durationMs"), &duration) && !buffer_failed(&duration)) {
        uint64_t ms = 0;
        for (size_t i = 0; i < duration.len && duration.data[i] >= '0' && duration.data[i] <= '9'; i++)
            ms = ms * 10 + (uint64_t)(duration.data[i] - '0');
        m->timed[point]++;
        m->total_ms[point] += ms;
    }
    buffer_clear(&duration);
    return HOOK_CONTINUE;
}

static int make(const struct builtin_parts *parts, struct parameters *p, struct hook_definition *d)
{
    (void)p;
    d->self = parts->metrics;
    d->run = run;
    d->priority = HOOK_PRIORITY_LOW;
    return ST_OK;
}

const struct builtin builtin_metrics = {
    .name = "metrics",
    .keys = NULL,
    .points = (const char *const[]){"*", NULL},
    .make = make,
};

static void add(struct buffer *out, const char *family, struct str label, struct str value,
                struct str more, uint64_t number)
{
    buffer_add_str(out, str_from(family));
    buffer_add_char(out, '{');
    buffer_add_str(out, label);
    buffer_add_str(out, STR("=\""));
    for (size_t i = 0; i < value.len; i++) {
        if (value.ptr[i] == '"' || value.ptr[i] == '\\')
            buffer_add_char(out, '\\');
        buffer_add_char(out, value.ptr[i] == '\n' ? ' ' : value.ptr[i]);
    }
    buffer_add_str(out, STR("\""));
    buffer_add_str(out, more);
    buffer_add_str(out, STR("} "));
    buffer_add_u64(out, number);
    buffer_add_char(out, '\n');
}

static void add_type(struct buffer *out, const char *family, const char *type)
{
    buffer_add_str(out, STR("# TYPE "));
    buffer_add_str(out, str_from(family));
    buffer_add_char(out, ' ');
    buffer_add_str(out, str_from(type));
    buffer_add_char(out, '\n');
}

static void write_points(const char *family, const uint64_t *figures, const uint64_t *events,
                         struct buffer *out)
{
    add_type(out, family, "counter");
    for (enum hook_point p = 0; p < HOOK_POINTS; p++)
        if (events[p])
            add(out, family, STR("point"), str_from(hook_point_facts(p)->name), STR(""), figures[p]);
}

/* One family of all hooks; `which` is one of those below. */
enum figure { RUNS, ERRORS, SKIPPED, OPEN, P50, P95, P99 };

static uint64_t figure_of(const struct hook_facts *f, enum figure which)
{
    const uint64_t figures[] = {f->runs,   f->errors, f->skipped, f->breaker == BREAKER_OPEN,
                                f->p50_ns, f->p95_ns, f->p99_ns};
    return figures[which];
}

static void write_hooks(const struct hooks *hooks, const char *family, struct str more,
                        enum figure which, struct buffer *out)
{
    struct hook_facts f;
    for (size_t i = 0; hooks_at(hooks, i, &f); i++)
        add(out, family, STR("hook"), f.name, more, figure_of(&f, which));
}

void hook_metrics_write(const struct hook_metrics *metrics, const struct hooks *hooks,
                        struct buffer *out)
{
    static const char took[] = "hexmcp_hooks_took_nanoseconds";
    struct hook_facts first;
    if (!hooks_at(hooks, 0, &first))
        return;
    write_points("hexmcp_hooks_events_total", metrics->events, metrics->events, out);
    write_points("hexmcp_hooks_event_errors_total", metrics->errors, metrics->events, out);
    write_points("hexmcp_hooks_event_milliseconds_total", metrics->total_ms, metrics->timed, out);
    add_type(out, "hexmcp_hooks_runs_total", "counter");
    write_hooks(hooks, "hexmcp_hooks_runs_total", STR(""), RUNS, out);
    add_type(out, "hexmcp_hooks_errors_total", "counter");
    write_hooks(hooks, "hexmcp_hooks_errors_total", STR(""), ERRORS, out);
    add_type(out, "hexmcp_hooks_skipped_total", "counter");
    write_hooks(hooks, "hexmcp_hooks_skipped_total", STR(""), SKIPPED, out);
    add_type(out, "hexmcp_hooks_breaker_open", "gauge");
    write_hooks(hooks, "hexmcp_hooks_breaker_open", STR(""), OPEN, out);
    add_type(out, took, "gauge");
    write_hooks(hooks, took, STR(",quantile=\"0.5\""), P50, out);
    write_hooks(hooks, took, STR(",quantile=\"0.95\""), P95, out);
    write_hooks(hooks, took, STR(",quantile=\"0.99\""), P99, out);
}
