/* Figures of plugins: what is taken, what is not, and how it is shown. */
#include <stdio.h>
#include <stdlib.h>

#include "adapters/driven/plugin_metrics/plugin_metrics.h"
#include "core/json/json.h"
#include "core/metrics/metric.h"
#include "tests/adapters/service_client.h"

static struct loop *loop;
static struct plugin_metrics *metrics;
static const struct service_port *port;
static char logged[300];
static unsigned logs;

static void write_log(void *ctx, enum log_level level, struct str component, struct str text)
{
    (void)ctx;
    logs++;
    snprintf(logged, sizeof(logged), "%d %.*s: %.*s", (int)level, STR_ARG(component),
             STR_ARG(text));
}

static const struct log_port log_sink = {.write = write_log};

static void open_metrics(void)
{
    plugin_metrics_free(metrics);
    logs = 0;
    assert_int_equal(plugin_metrics_new(loop_timers(loop), &log_sink, &metrics, NULL), ST_OK);
    port = plugin_metrics_port(metrics);
}

static void keep(struct told *t, const char *plugin)
{
    const struct service_request q = {.op = PLUGIN_METRICS_KEEP, .plugin = str_from(plugin)};
    assert_int_equal(service_begin(port, &q, t), ST_OK);
}

static void update(const struct told *t, const char *text)
{
    port->tell(port->ctx, t->id, PLUGIN_METRICS_UPDATE, str_from(text), STR(""));
}

static void shows(const char *text)
{
    struct buffer out = BUFFER_INIT;
    const struct metrics_source source = plugin_metrics_source(metrics);
    source.write(source.ctx, &out);
    buffer_add_char(&out, '\0');
    assert_string_equal(out.data, text);
    buffer_clear(&out);
}

static void test_kinds(void **state)
{
    struct told a = {0}, b = {0};
    (void)state;
    open_metrics();
    shows("");
    keep(&a, "org.a");
    keep(&b, "org.b");
    update(&a, "[[\"counter\",\"reads\",{\"m\":\"x\"},2],[\"gauge\",\"open\",{},5.5]]");
    update(&b, "[[\"counter\",\"reads\",{},1]]");
    update(&a, "[[\"counter\",\"reads\",{\"m\":\"x\"},3],[\"gauge\",\"open\",{},-1]]");
    update(&a, "[[\"histogram\",\"wait\",{},1.5,1,0,0,0,0,0,0,0,1,0,0,1]]");
    shows("# HELP hexmcp_plugin_open As plugins have it.\n"
          "# TYPE hexmcp_plugin_open gauge\n"
          "hexmcp_plugin_open{plugin=\"org.a\"} -1\n"
          "# HELP hexmcp_plugin_reads_total As plugins have it.\n"
          "# TYPE hexmcp_plugin_reads_total counter\n"
          "hexmcp_plugin_reads_total{plugin=\"org.a\",m=\"x\"} 5\n"
          "hexmcp_plugin_reads_total{plugin=\"org.b\"} 1\n"
          "# HELP hexmcp_plugin_wait As plugins have it.\n"
          "# TYPE hexmcp_plugin_wait histogram\n"
          "hexmcp_plugin_wait_bucket{plugin=\"org.a\",le=\"0.005\"} 1\n"
          "hexmcp_plugin_wait_bucket{plugin=\"org.a\",le=\"0.01\"} 1\n"
          "hexmcp_plugin_wait_bucket{plugin=\"org.a\",le=\"0.025\"} 1\n"
          "hexmcp_plugin_wait_bucket{plugin=\"org.a\",le=\"0.05\"} 1\n"
          "hexmcp_plugin_wait_bucket{plugin=\"org.a\",le=\"0.1\"} 1\n"
          "hexmcp_plugin_wait_bucket{plugin=\"org.a\",le=\"0.25\"} 1\n"
          "hexmcp_plugin_wait_bucket{plugin=\"org.a\",le=\"0.5\"} 1\n"
          "hexmcp_plugin_wait_bucket{plugin=\"org.a\",le=\"1\"} 1\n"
          "hexmcp_plugin_wait_bucket{plugin=\"org.a\",le=\"2.5\"} 2\n"
          "hexmcp_plugin_wait_bucket{plugin=\"org.a\",le=\"5\"} 2\n"
          "hexmcp_plugin_wait_bucket{plugin=\"org.a\",le=\"10\"} 2\n"
          "hexmcp_plugin_wait_bucket{plugin=\"org.a\",le=\"+Inf\"} 3\n"
          "hexmcp_plugin_wait_sum{plugin=\"org.a\"} 1.5\n"
          "hexmcp_plugin_wait_count{plugin=\"org.a\"} 3\n");
    assert_int_equal(logs, 0);
    /* Told once for all of them when more can be said. */
    assert_int_equal(a.events, 0);
    while (!a.events || !b.events)
        loop_turn(loop);
    assert_int_equal(a.events, 1);
    port->close(port->ctx, a.id);
    port->close(port->ctx, b.id);
}

static void test_labels_are_escaped(void **state)
{
    struct told a = {0};
    (void)state;
    open_metrics();
    keep(&a, "org.a");
    update(&a, "[[\"gauge\",\"g\",{\"l\":\"a\\\"b\\\\c\\nd\"},1]]");
    shows("# HELP hexmcp_plugin_g As plugins have it.\n"
          "# TYPE hexmcp_plugin_g gauge\n"
          "hexmcp_plugin_g{plugin=\"org.a\",l=\"a\\\"b\\\\c\\nd\"} 1\n");
    port->close(port->ctx, a.id);
}

static void test_dropped(void **state)
{
    static const char *const bad[] = {
        "[[\"gauge\",\"reads\",{},1]]",          "[[\"counter\",\"reads\",{},-1]]",
        "[[\"counter\",\"x_total\",{},1]]",      "[[\"counter\",\"X\",{},1]]",
        "[[\"counter\",\"x\",{\"plugin\":\"y\"},1]]", "[[\"counter\",\"x\",{\"le\":\"y\"},1]]",
        "[[\"counter\",\"x\",{\"a\":1},1]]",     "[[\"counter\",\"x\",[],1]]",
        "[[\"counter\",\"x\"]]",                 "[[\"summary\",\"x\",{},1]]",
        "[1]",                                   "[[\"counter\",\"x\",{},1e999]]"};
    struct told a = {0}, b = {0};
    (void)state;
    open_metrics();
    keep(&a, "org.a");
    update(&a, "[[\"counter\",\"reads\",{},1]]");
    for (size_t i = 0; i < sizeof(bad) / sizeof(bad[0]); i++) {
        told_clear(&b);
        keep(&b, "org.b");
        logs = 0;
        update(&b, bad[i]);
        if (logs != 1)
            fail_msg("%s", bad[i]);
        port->close(port->ctx, b.id);
    }
    assert_string_equal(logged, "3 org.b: figures were dropped: a name that another plugin uses for "
                                "another kind, or more than 100 series");
    shows("# HELP hexmcp_plugin_reads_total As plugins have it.\n"
          "# TYPE hexmcp_plugin_reads_total counter\n"
          "hexmcp_plugin_reads_total{plugin=\"org.a\"} 1\n");
    update(&a, "no JSON");
    port->close(port->ctx, a.id);
}

static void test_bounded(void **state)
{
    struct told a = {0}, b = {0};
    char text[80];
    (void)state;
    open_metrics();
    keep(&a, "org.a");
    for (unsigned i = 0; i <= METRIC_SERIES_MAX + 5; i++) {
        assert_int_equal(logs, i > METRIC_SERIES_MAX);
        snprintf(text, sizeof(text), "[[\"counter\",\"x\",{\"i\":\"%u\"},1]]", i);
        update(&a, text);
    }
    keep(&b, "org.b"); /* others are not touched */
    update(&b, "[[\"counter\",\"x\",{},1]]");
    assert_int_equal(logs, 1);
    port->close(port->ctx, a.id);
    port->close(port->ctx, b.id);
}

static void test_names(void **state)
{
    struct json_doc *doc;
    struct buffer out = BUFFER_INIT;
    (void)state;
    assert_true(metric_name_valid(STR("a_9")));
    assert_false(metric_name_valid(STR("")));
    assert_false(metric_name_valid(STR("9a")));
    assert_false(metric_name_valid(STR("_a")));
    assert_false(metric_name_valid(STR("a-b")));
    assert_false(metric_name_valid(STR("a_bucket")));
    assert_false(metric_name_valid(STR("a_sum")));
    assert_false(metric_name_valid(STR("a_count")));
    assert_int_equal(json_parse(STR("{\"a\":\"1\",\"b\":\"2\",\"c\":\"3\",\"d\":\"4\",\"e\":\"5\"}"),
                                &doc, NULL),
                     ST_OK);
    assert_false(metric_labels(json_root(doc), &out));
    json_free(doc);
    assert_true(metric_labels(json_none(), &out));
    buffer_clear(&out);
}

static int set_up(void **state)
{
    (void)state;
    return loop_new(1, &loop, NULL);
}

static int tear_down(void **state)
{
    (void)state;
    loop_end_workers(loop);
    plugin_metrics_free(metrics);
    loop_free(loop);
    return 0;
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_kinds),   cmocka_unit_test(test_labels_are_escaped),
        cmocka_unit_test(test_dropped), cmocka_unit_test(test_bounded),
        cmocka_unit_test(test_names),
    };
    cmocka_set_message_output(CM_OUTPUT_TAP);
    return cmocka_run_group_tests(tests, set_up, tear_down);
}
