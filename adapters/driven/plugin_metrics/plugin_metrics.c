#include "adapters/driven/plugin_metrics/plugin_metrics.h"

#include <math.h>
#include <stdlib.h>

#include "core/base/str.h"
#include "core/json/writer.h"
#include "core/metrics/metric.h"

#define NEXT_MS 100

static const char *const kind_names[] = {"counter", "gauge", "histogram"};

struct series {
    enum metric_kind kind;
    struct str name, plugin, labels; /* labels begin with a comma; all behind the struct */
    double value;                    /* of a histogram: the sum */
    double counts[METRIC_BUCKETS];
    char text[];
};

/* An open request. */
struct keeper {
    struct keeper *next;
    uint64_t id;
    struct service_sink sink;
    char *plugin;
    bool asks; /* for PLUGIN_METRICS_NEXT */
    bool warned;
};

struct plugin_metrics {
    struct service_port port;
    const struct timer_port *timers;
    const struct log_port *log;
    struct timer *timer;
    struct keeper *keepers;
    struct series **series; /* sorted by name, plugin, labels */
    size_t count, cap;
    uint64_t last_id;
};

/* ---- the series ----------------------------------------------------------------------------- */

static int compare(const struct series *s, struct str name, struct str plugin, struct str labels)
{
    int order = str_cmp(s->name, name);
    if (!order)
        order = str_cmp(s->plugin, plugin);
    return order ? order : str_cmp(s->labels, labels);
}

/* Where it is, or belongs. */
static size_t place(const struct plugin_metrics *m, struct str name, struct str plugin,
                    struct str labels)
{
    size_t low = 0, high = m->count;
    while (low < high) {
        size_t middle = (low + high) / 2;
        if (compare(m->series[middle], name, plugin, labels) < 0)
            low = middle + 1;
        else
            high = middle;
    }
    return low;
}

static struct series *series_new(enum metric_kind kind, struct str name, struct str plugin,
                                 struct str labels)
{
    struct series *s = calloc(1, sizeof(*s) + name.len + plugin.len + labels.len + 1);
    if (!s)
        return NULL;
    s->kind = kind;
    s->name = (struct str){s->text, name.len};
    s->plugin = (struct str){s->text + name.len, plugin.len};
    s->labels = (struct str){s->text + name.len + plugin.len, labels.len};
    memcpy(s->text, name.ptr, name.len);
    memcpy(s->text + name.len, plugin.ptr, plugin.len);
    if (labels.len)
        memcpy(s->text + name.len + plugin.len, labels.ptr, labels.len);
    return s;
}

/* NULL: of another kind, too many, or no memory. */
static struct series *get(struct plugin_metrics *m, enum metric_kind kind, struct str name,
                          struct str plugin, struct str labels)
{
    size_t at = place(m, name, plugin, labels), own = 0;
    if (at < m->count && compare(m->series[at], name, plugin, labels) == 0)
        return m->series[at]->kind == kind ? m->series[at] : NULL;
    for (size_t i = 0; i < m->count; i++) {
        own += str_eq(m->series[i]->plugin, plugin);
        if (str_eq(m->series[i]->name, name) && m->series[i]->kind != kind)
            return NULL;
    }
    if (own >= METRIC_SERIES_MAX)
        return NULL;
    if (m->count == m->cap) {
        size_t cap = m->cap ? m->cap * 2 : 64;
        struct series **grown = realloc(m->series, cap * sizeof(struct series *));
        if (!grown)
            return NULL;
        m->series = grown;
        m->cap = cap;
    }
    struct series *s = series_new(kind, name, plugin, labels);
    if (!s)
        return NULL;
    memmove(&m->series[at + 1], &m->series[at], (m->count - at) * sizeof(struct series *));
    m->series[at] = s;
    m->count++;
    return s;
}

/* ---- updates -------------------------------------------------------------------------------- */

/* The value, and of a histogram what is in its buckets. */
static bool read_numbers(struct json_iter *it, enum metric_kind kind,
                         double numbers[1 + METRIC_BUCKETS])
{
    size_t count = kind == METRIC_HISTOGRAM ? 1 + METRIC_BUCKETS : 1;
    for (size_t i = 0; i < count; i++)
        if (!json_next(it) || !json_double(it->value, &numbers[i]) || !isfinite(numbers[i]) ||
            (numbers[i] < 0 && (i > 0 || kind == METRIC_COUNTER)))
            return false;
    return true;
}

static void add_numbers(struct series *s, const double numbers[1 + METRIC_BUCKETS])
{
    s->value = s->kind == METRIC_GAUGE ? numbers[0] : s->value + numbers[0];
    for (size_t i = 0; s->kind == METRIC_HISTOGRAM && i < METRIC_BUCKETS; i++)
        s->counts[i] += numbers[1 + i];
}

static bool find_kind(struct json value, enum metric_kind *out)
{
    for (size_t i = 0; i < 3; i++)
        if (json_is(value, str_from(kind_names[i]))) {
            *out = (enum metric_kind)i;
            return true;
        }
    return false;
}

static bool update(struct plugin_metrics *m, struct str plugin, struct json entry)
{
    struct buffer scratch = BUFFER_INIT, labels = BUFFER_INIT;
    struct json_iter it = json_iter(entry);
    enum metric_kind kind;
    struct str name;
    struct series *s = NULL;
    double numbers[1 + METRIC_BUCKETS];
    bool ok = json_next(&it) && find_kind(it.value, &kind) && json_next(&it) &&
              json_string(it.value, &scratch, &name) && metric_name_valid(name) &&
              json_next(&it) && metric_labels(it.value, &labels) &&
              read_numbers(&it, kind, numbers);
    if (ok)
        s = get(m, kind, name, plugin, buffer_str(&labels));
    if (s)
        add_numbers(s, numbers);
    buffer_clear(&scratch);
    buffer_clear(&labels);
    return s != NULL;
}

static void warn(const struct plugin_metrics *m, struct keeper *k)
{
    if (!k->warned)
        m->log->write(m->log->ctx, LOG_LEVEL_WARNING, str_from(k->plugin),
                      STR("figures were dropped: a name that another plugin uses for another kind, "
                          "or more than 100 series"));
    k->warned = true;
}

static void metrics_tell(void *ctx, uint64_t id, uint32_t kind, struct str text, struct str bytes)
{
    struct plugin_metrics *m = ctx;
    struct keeper *k = m->keepers;
    struct json_doc *doc;
    (void)bytes;
    while (k && k->id != id)
        k = k->next;
    if (!k || kind != PLUGIN_METRICS_UPDATE)
        return;
    if (json_parse(text, &doc, NULL) == ST_OK) {
        struct json_iter it = json_iter(json_root(doc));
        bool ok = true;
        while (json_next(&it))
            ok = update(m, str_from(k->plugin), it.value) && ok;
        json_free(doc);
        if (!ok)
            warn(m, k);
    }
    k->asks = true;
    m->timers->set(m->timers->ctx, m->timer, NEXT_MS);
}

static void next(void *arg)
{
    struct plugin_metrics *m = arg;
    const struct service_event event = {.kind = PLUGIN_METRICS_NEXT, .fd = -1};
    for (struct keeper *k = m->keepers, *after; k; k = after) {
        after = k->next;
        bool asks = k->asks;
        k->asks = false;
        if (asks)
            k->sink.event(k->sink.ctx, &event);
    }
}

/* ---- the port ------------------------------------------------------------------------------- */

static bool metrics_allows(void *ctx, const struct plugin_grants *grants, const char **missing)
{
    (void)ctx;
    (void)grants;
    (void)missing;
    return true;
}

static int metrics_open(void *ctx, const struct service_request *q,
                        const struct service_sink *sink, uint64_t *id, struct error *err)
{
    struct plugin_metrics *m = ctx;
    if (q->op != PLUGIN_METRICS_KEEP)
        return error_set(err, ST_UNSUPPORTED, "hexmcp.metrics/1 has no operation %u", q->op);
    struct keeper *k = calloc(1, sizeof(*k));
    char *plugin = k ? strndup(q->plugin.ptr, q->plugin.len) : NULL;
    if (!plugin) {
        free(k);
        return error_set(err, ST_NOMEM, "out of memory");
    }
    *k = (struct keeper){.next = m->keepers, .id = ++m->last_id, .sink = *sink, .plugin = plugin};
    m->keepers = k;
    *id = k->id;
    return ST_OK;
}

static void metrics_close(void *ctx, uint64_t id)
{
    struct plugin_metrics *m = ctx;
    struct keeper **at = &m->keepers;
    while (*at && (*at)->id != id)
        at = &(*at)->next;
    struct keeper *k = *at;
    if (!k)
        return;
    *at = k->next;
    free(k->plugin);
    free(k);
}

int plugin_metrics_new(const struct timer_port *timers, const struct log_port *log,
                       struct plugin_metrics **out, struct error *err)
{
    struct plugin_metrics *m = calloc(1, sizeof(*m));
    if (!m || !(m->timer = timers->create(timers->ctx, next, m))) {
        free(m);
        return error_set(err, ST_NOMEM, "out of memory");
    }
    m->port = (struct service_port){m,            "hexmcp.metrics/1", metrics_allows,
                                    metrics_open, metrics_tell,       metrics_close};
    m->timers = timers;
    m->log = log;
    *out = m;
    return ST_OK;
}

void plugin_metrics_free(struct plugin_metrics *m)
{
    if (!m)
        return;
    while (m->keepers)
        metrics_close(m, m->keepers->id);
    for (size_t i = 0; i < m->count; i++)
        free(m->series[i]);
    free(m->series);
    m->timers->free(m->timers->ctx, m->timer);
    free(m);
}

const struct service_port *plugin_metrics_port(struct plugin_metrics *m)
{
    return &m->port;
}

/* ---- the text ------------------------------------------------------------------------------- */

static void put_number(struct buffer *out, double value)
{
    struct json_writer w = json_writer(out);
    json_write_double(&w, value);
}

static void put_line(struct buffer *out, const struct series *s, const char *suffix,
                     struct str more, double value)
{
    buffer_add_str(out, STR("hexmcp_plugin_"));
    buffer_add_str(out, s->name);
    buffer_add_str(out, str_from(suffix));
    buffer_add_str(out, STR("{plugin=\""));
    buffer_add_str(out, s->plugin);
    buffer_add_char(out, '"');
    buffer_add_str(out, s->labels);
    buffer_add_str(out, more);
    buffer_add_str(out, STR("} "));
    put_number(out, value);
    buffer_add_char(out, '\n');
}

static void put_histogram(struct buffer *out, const struct series *s)
{
    struct buffer end = BUFFER_INIT;
    double below = 0;
    for (size_t i = 0; i < METRIC_BUCKETS; i++) {
        below += s->counts[i];
        buffer_reset(&end, SIZE_MAX);
        buffer_add_str(&end, STR(",le=\""));
        if (isfinite(metric_buckets[i]))
            put_number(&end, metric_buckets[i]);
        else
            buffer_add_str(&end, STR("+Inf"));
        buffer_add_char(&end, '"');
        put_line(out, s, "_bucket", buffer_str(&end), below);
    }
    buffer_clear(&end);
    put_line(out, s, "_sum", STR(""), s->value);
    put_line(out, s, "_count", STR(""), below);
}

static void put_family(struct buffer *out, const struct series *s)
{
    const char *suffix = s->kind == METRIC_COUNTER ? "_total" : "";
    buffer_add_str(out, STR("# HELP hexmcp_plugin_"));
    buffer_add_str(out, s->name);
    buffer_add_str(out, str_from(suffix));
    buffer_add_str(out, STR(" As plugins have it.\n# TYPE hexmcp_plugin_"));
    buffer_add_str(out, s->name);
    buffer_add_str(out, str_from(suffix));
    buffer_add_char(out, ' ');
    buffer_add_str(out, str_from(kind_names[s->kind]));
    buffer_add_char(out, '\n');
}

static void write_all(void *ctx, struct buffer *out)
{
    const struct plugin_metrics *m = ctx;
    for (size_t i = 0; i < m->count; i++) {
        const struct series *s = m->series[i];
        if (i == 0 || !str_eq(m->series[i - 1]->name, s->name))
            put_family(out, s);
        if (s->kind == METRIC_HISTOGRAM)
            put_histogram(out, s);
        else
            put_line(out, s, s->kind == METRIC_COUNTER ? "_total" : "", STR(""), s->value);
    }
}

struct metrics_source plugin_metrics_source(struct plugin_metrics *m)
{
    return (struct metrics_source){m, write_all};
}
