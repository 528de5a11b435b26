/* Clock, random and the log on stderr. */
#include <fcntl.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include <cmocka.h>

#include "adapters/driven/clock/clock.h"
#include "adapters/driven/log/log.h"
#include "adapters/driven/random/random.h"
#include "core/base/str.h"
#include "core/json/json.h"

static void test_clock(void **state)
{
    (void)state;
    const struct clock_port *clock = system_clock_port();
    uint64_t before = clock->monotonic_ns(clock->ctx);
    assert_true(clock->monotonic_ns(clock->ctx) >= before);
    /* After the day on which this was written, in milliseconds. */
    assert_true(clock->wall_ms(clock->ctx) > INT64_C(1790000000000));
}

static void test_random(void **state)
{
    (void)state;
    const struct random_port *random = system_random_port();
    unsigned char a[64] = {0}, b[64] = {0};
    assert_int_equal(random->fill(random->ctx, a, sizeof(a), NULL), ST_OK);
    assert_int_equal(random->fill(random->ctx, b, sizeof(b), NULL), ST_OK);
    assert_memory_not_equal(a, b, sizeof(a));
}

/* Runs `write` with stderr led into a pipe and returns what came out. */
static size_t captured(void (*write_lines)(void), char *out, size_t size)
{
    int ends[2], saved = dup(STDERR_FILENO);
    assert_int_equal(pipe(ends), 0);
    dup2(ends[1], STDERR_FILENO);
    write_lines();
    dup2(saved, STDERR_FILENO);
    close(saved);
    close(ends[1]);
    size_t len = 0;
    ssize_t got;
    while ((got = read(ends[0], out + len, size - 1 - len)) > 0)
        len += (size_t)got;
    close(ends[0]);
    out[len] = '\0';
    return len;
}

static void write_with(enum log_format format, enum log_level lowest)
{
    struct stderr_log *log = stderr_log_new(lowest, format);
    const struct log_port *port = stderr_log_port(log);
    port->write(port->ctx, LOG_LEVEL_INFO, STR("part"), STR("below"));
    port->write(port->ctx, LOG_LEVEL_WARNING, STR("part"), STR("a\033[31m\nb"));
    stderr_log_free(log);
}

static void write_text(void)
{
    write_with(LOG_FORMAT_TEXT, LOG_LEVEL_WARNING);
}

static void write_json(void)
{
    write_with(LOG_FORMAT_JSON, LOG_LEVEL_WARNING);
}

static void test_text_lines_cannot_move_a_terminal(void **state)
{
    (void)state;
    char out[4096];
    captured(write_text, out, sizeof(out));
    assert_string_equal(out, "hexmcp: warning: part: a?[31m b\n");
}

static void write_over_line(void)
{
    struct stderr_log *log = stderr_log_new(LOG_LEVEL_INFO, LOG_FORMAT_TEXT);
    const struct log_port *port = stderr_log_port(log);
    stderr_log_over_line(log, true);
    port->write(port->ctx, LOG_LEVEL_INFO, STR(""), STR("a\xC2\x9B" "31m\xC3\x9B\xC2"));
    stderr_log_over_line(log, false);
    port->write(port->ctx, LOG_LEVEL_INFO, STR(""), STR("b"));
    stderr_log_free(log);
}

static void test_lines_over_what_is_drawn(void **state)
{
    (void)state;
    char out[4096];
    captured(write_over_line, out, sizeof(out));
    assert_string_equal(out, "\r\033[Khexmcp: info: a?31m\xC3\x9B\xC2\nhexmcp: info: b\n");
}

static void test_json_lines(void **state)
{
    (void)state;
    char out[4096];
    size_t len = captured(write_json, out, sizeof(out));
    struct json_doc *doc;
    assert_int_equal(json_parse((struct str){out, len - 1}, &doc, NULL), ST_OK);
    struct json root = json_root(doc);
    assert_true(json_is(json_get(root, STR("level")), STR("warning")));
    assert_true(json_is(json_get(root, STR("component")), STR("part")));
    assert_true(json_is(json_get(root, STR("message")), STR("a\033[31m\nb")));
    assert_int_equal(json_length(json_get(root, STR("time"))), 24);
    json_free(doc);
}

static void flood(void)
{
    struct stderr_log *log = stderr_log_new(LOG_LEVEL_DEBUG, LOG_FORMAT_TEXT);
    const struct log_port *port = stderr_log_port(log);
    char text[1000];
    memset(text, 'x', sizeof(text));
    /* Nobody reads: more than a pipe holds. It must come to an end all the same. */
    for (int i = 0; i < 500; i++)
        port->write(port->ctx, LOG_LEVEL_INFO, STR("part"), (struct str){text, sizeof(text)});
    /* Somebody reads again. */
    char drain[65536];
    int reader = open("/proc/self/fd/2", O_RDONLY | O_NONBLOCK);
    while (reader >= 0 && read(reader, drain, sizeof(drain)) > 0)
        ;
    close(reader);
    port->write(port->ctx, LOG_LEVEL_INFO, STR("part"), STR("after"));
    stderr_log_free(log);
}

static void test_lines_that_would_block_are_dropped_and_counted(void **state)
{
    (void)state;
    static char out[1 << 20];
    captured(flood, out, sizeof(out));
    assert_non_null(strstr(out, "log lines were dropped because nobody read stderr\n"));
    assert_non_null(strstr(out, "part: after\n"));
}

static void test_levels(void **state)
{
    (void)state;
    enum log_level level;
    assert_true(log_level_parse(STR("critical"), &level));
    assert_int_equal(level, LOG_LEVEL_CRITICAL);
    assert_false(log_level_parse(STR("loud"), &level));
    assert_string_equal(log_level_name(LOG_LEVEL_EMERGENCY), "emergency");
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_clock),
        cmocka_unit_test(test_random),
        cmocka_unit_test(test_text_lines_cannot_move_a_terminal),
        cmocka_unit_test(test_lines_over_what_is_drawn),
        cmocka_unit_test(test_json_lines),
        cmocka_unit_test(test_lines_that_would_block_are_dropped_and_counted),
        cmocka_unit_test(test_levels),
    };
    cmocka_set_message_output(CM_OUTPUT_TAP);
    return cmocka_run_group_tests(tests, NULL, NULL);
}
