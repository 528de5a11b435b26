/* The figures of the protocol as text. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>

#include <cmocka.h>

#include "adapters/driven/metrics/metrics.h"
#include "core/base/buffer.h"
#include "core/base/str.h"

static void tell(struct metrics *m, const char *method, enum traffic_end end, uint64_t ns)
{
    struct traffic_tap tap = metrics_tap(m);
    struct traffic_event event = {.end = end,
                                  .duration_ns = ns,
                                  .wire = STR("http"),
                                  .protocol = STR("2026-07-28"),
                                  .method = str_from(method),
                                  .received = 100,
                                  .sent = 50};
    tap.seen(tap.ctx, &event);
}

static void expect(struct metrics *m, const char *text)
{
    struct metrics_source source = metrics_source(m);
    struct buffer out = BUFFER_INIT;
    source.write(source.ctx, &out);
    buffer_add_char(&out, '\0');
    if (!strstr(out.data, text))
        fail_msg("no %s in %s", text, out.data);
    buffer_clear(&out);
}

#define LABELS(method, end)                                                                        \
    "hexmcp_mcp_requests_total{method=\"" method "\",wire=\"http\",protocol=\"2026-07-28\",end=\"" \
    end "\"} "

static void test_requests_are_counted_by_their_labels(void **state)
{
    (void)state;
    struct metrics *m = metrics_new();
    expect(m, "# TYPE hexmcp_mcp_requests_total counter\n# HELP hexmcp_mcp_request_seconds");
    tell(m, "tools/call", TRAFFIC_RESULT, 1);
    tell(m, "tools/call", TRAFFIC_RESULT, 1);
    tell(m, "tools/call", TRAFFIC_ERROR, 1);
    tell(m, "ping", TRAFFIC_CANCELLED, 1);
    tell(m, "", TRAFFIC_ERROR, 1);
    expect(m, LABELS("tools/call", "result") "2\n" LABELS("tools/call", "error") "1\n" LABELS(
                  "ping", "cancelled") "1\n" LABELS("other", "error") "1\n");
    expect(m, "hexmcp_mcp_received_bytes_total 500\n");
    expect(m, "hexmcp_mcp_sent_bytes_total 250\n");
    metrics_free(m);
}

static void test_times_are_in_every_bucket_from_their_own_on(void **state)
{
    (void)state;
    struct metrics *m = metrics_new();
    tell(m, "ping", TRAFFIC_RESULT, 100000);
    tell(m, "ping", TRAFFIC_RESULT, 100001);
    tell(m, "ping", TRAFFIC_RESULT, 61000000000u);
    expect(m, "hexmcp_mcp_request_seconds_bucket{method=\"ping\",le=\"0.0001\"} 1\n"
              "hexmcp_mcp_request_seconds_bucket{method=\"ping\",le=\"0.001\"} 2\n");
    expect(m, "hexmcp_mcp_request_seconds_bucket{method=\"ping\",le=\"60\"} 2\n"
              "hexmcp_mcp_request_seconds_bucket{method=\"ping\",le=\"+Inf\"} 3\n"
              "hexmcp_mcp_request_seconds_sum{method=\"ping\"} 61.000200001\n"
              "hexmcp_mcp_request_seconds_count{method=\"ping\"} 3\n");
    metrics_free(m);
}

/* However many names somebody brings, the text stays bounded. */
static void test_too_many_labels_share_the_last_row(void **state)
{
    (void)state;
    struct metrics *m = metrics_new();
    char method[20];
    for (int i = 0; i < 600; i++) {
        snprintf(method, sizeof(method), "m%d", i);
        tell(m, method, TRAFFIC_RESULT, 1);
    }
    expect(m, LABELS("m510", "result") "1\n" LABELS("m511", "result") "89\n# HELP");
    tell(m, "a/method/name/that/is/longer/than/any/of/the/protocol", TRAFFIC_RESULT, 1);
    expect(m, LABELS("m511", "result") "90\n");
    metrics_free(m);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_requests_are_counted_by_their_labels),
        cmocka_unit_test(test_times_are_in_every_bucket_from_their_own_on),
        cmocka_unit_test(test_too_many_labels_share_the_last_row),
    };
    cmocka_set_message_output(CM_OUTPUT_TAP);
    return cmocka_run_group_tests(tests, NULL, NULL);
}
