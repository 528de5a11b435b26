/*
 * hexmcp.metrics/1. Updates are added up here, on whatever thread, and sent when the one who keeps the
 * figures says that it has room; so a plugin that counts in a tight loop sends ten texts a second.
 */
#include "hexmcp/host/metrics.h"

#include <math.h>
#include <stdlib.h>

#include "adapters/driven/plugin_host/crossing.h"
#include "adapters/driven/plugin_host/services/kinds.h"
#include "adapters/driven/plugin_host/services/stream.h"
#include "adapters/driven/plugin_metrics/plugin_metrics.h"
#include "core/json/writer.h"
#include "core/metrics/metric.h"

_Static_assert(HEXMCP_METRICS_SERIES_MAX == METRIC_SERIES_MAX, "one limit of series");

struct series {
    enum metric_kind kind;
    bool changed;
    struct str name, labels; /* `labels` as the plugin wrote them; both behind the struct */
    double value;
    double counts[METRIC_BUCKETS];
    char text[];
};

struct metrics_table {
    hexmcp_metrics_1 metrics;
    struct service_stream stream;
    pthread_mutex_t lock; /* of all below; taken before the stream's */
    struct series *series[METRIC_SERIES_MAX];
    size_t count;
    bool asked; /* what was sent has not been answered */
};

static void clear(struct metrics_table *t)
{
    for (size_t i = 0; i < t->count; i++)
        free(t->series[i]);
    t->count = 0;
    t->asked = false;
}

static void put_series(struct json_writer *w, struct series *s)
{
    static const char *const kinds[] = {"counter", "gauge", "histogram"};
    json_begin_array(w);
    json_write_string(w, str_from(kinds[s->kind]));
    json_write_string(w, s->name);
    json_write_raw(w, s->labels.len ? s->labels : STR("{}"));
    json_write_double(w, s->value);
    for (size_t i = 0; s->kind == METRIC_HISTOGRAM && i < METRIC_BUCKETS; i++)
        json_write_double(w, s->counts[i]);
    json_end_array(w);
    memset(s->counts, 0, sizeof(s->counts));
    s->value = 0;
    s->changed = false;
}

/* With the lock held: sends what has changed. */
static int32_t send(struct metrics_table *t)
{
    struct buffer text = BUFFER_INIT;
    struct json_writer w = json_writer(&text);
    const hexmcp_str none = {"", 0};
    bool any = false;
    json_begin_array(&w);
    for (size_t i = 0; i < t->count; i++)
        if (t->series[i]->changed) {
            put_series(&w, t->series[i]);
            any = true;
        }
    json_end_array(&w);
    int32_t rc = buffer_failed(&text) ? HEXMCP_E_NOMEM : HEXMCP_OK;
    if (!rc && any)
        rc = stream_say(&t->stream, t->metrics.ctx, PLUGIN_METRICS_KEEP, PLUGIN_METRICS_UPDATE,
                        (hexmcp_str){text.data, text.len}, none);
    t->asked = !rc && any;
    buffer_clear(&text);
    return rc;
}

/* The names are forgotten when nobody keeps the figures any more, as nothing ends a table. */
static void arrived(void *arg, const struct service_event *event)
{
    struct metrics_table *t = arg;
    pthread_mutex_lock(&t->lock);
    if (event->last)
        clear(t);
    else
        send(t);
    pthread_mutex_unlock(&t->lock);
}

static bool labels_valid(struct str labels)
{
    struct buffer text = BUFFER_INIT;
    struct json_doc *doc;
    if (!labels.len)
        return true;
    if (json_parse(labels, &doc, NULL))
        return false;
    bool ok = metric_labels(json_root(doc), &text);
    json_free(doc);
    buffer_clear(&text);
    return ok;
}

static int32_t series_add(struct metrics_table *t, enum metric_kind kind, struct str name,
                          struct str labels, struct series **out)
{
    if (!metric_name_valid(name) || !labels_valid(labels))
        return HEXMCP_E_INVALID;
    if (t->count == METRIC_SERIES_MAX)
        return HEXMCP_E_TOO_LARGE;
    struct series *s = calloc(1, sizeof(*s) + name.len + labels.len);
    if (!s)
        return HEXMCP_E_NOMEM;
    s->kind = kind;
    s->name = (struct str){s->text, name.len};
    s->labels = (struct str){s->text + name.len, labels.len};
    memcpy(s->text, name.ptr, name.len);
    if (labels.len)
        memcpy(s->text + name.len, labels.ptr, labels.len);
    t->series[t->count++] = s;
    *out = s;
    return HEXMCP_OK;
}

static int32_t series_get(struct metrics_table *t, enum metric_kind kind, struct str name,
                          struct str labels, struct series **out)
{
    for (size_t i = 0; i < t->count; i++) {
        struct series *s = t->series[i];
        if (!str_eq(s->name, name))
            continue;
        if (s->kind != kind)
            return HEXMCP_E_INVALID;
        if (str_eq(s->labels, labels)) {
            *out = s;
            return HEXMCP_OK;
        }
    }
    return series_add(t, kind, name, labels, out);
}

static void add(struct series *s, double value)
{
    size_t bucket = 0;
    s->value = s->kind == METRIC_GAUGE ? value : s->value + value;
    s->changed = true;
    while (s->kind == METRIC_HISTOGRAM && value > metric_buckets[bucket])
        bucket++;
    s->counts[bucket]++;
}

static int32_t update(struct service_link *link, enum metric_kind kind, hexmcp_str name,
                      hexmcp_str labels, double value)
{
    struct metrics_table *t = link->table;
    struct series *s;
    if (!isfinite(value) || (kind == METRIC_COUNTER && value < 0))
        return HEXMCP_E_INVALID;
    pthread_mutex_lock(&t->lock);
    int32_t rc = series_get(t, kind, str_from_plugin(name), str_from_plugin(labels), &s);
    if (!rc)
        add(s, value);
    if (!rc && !t->asked && (rc = send(t)))
        clear(t);
    pthread_mutex_unlock(&t->lock);
    return rc;
}

static int32_t metrics_count(void *ctx, hexmcp_str name, hexmcp_str labels, double by)
{
    return update(ctx, METRIC_COUNTER, name, labels, by);
}

static int32_t metrics_gauge(void *ctx, hexmcp_str name, hexmcp_str labels, double value)
{
    return update(ctx, METRIC_GAUGE, name, labels, value);
}

static int32_t metrics_observe(void *ctx, hexmcp_str name, hexmcp_str labels, double value)
{
    return update(ctx, METRIC_HISTOGRAM, name, labels, value);
}

static void fill(void *table, struct service_link *link)
{
    struct metrics_table *t = table;
    t->metrics = (hexmcp_metrics_1){.size = sizeof(t->metrics),
                                    .ctx = link,
                                    .count = metrics_count,
                                    .gauge = metrics_gauge,
                                    .observe = metrics_observe};
    t->stream.event = arrived;
    t->stream.arg = t;
    pthread_mutex_init(&t->lock, NULL);
}

const struct service_kind metrics_kind = {HEXMCP_METRICS_1, sizeof(struct metrics_table), fill};
