/* Denied attempts of plugins: counted, logged once, kept. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdio.h>
#include <stdlib.h>

#include <cmocka.h>
#include <sys/stat.h>
#include <unistd.h>

#include "adapters/driven/denials/denials.h"
#include "core/base/str.h"

static char top[64], path[128];
static int64_t now;
static char logged[2000];

static int64_t wall(void *ctx)
{
    (void)ctx;
    return now;
}

static void write_log(void *ctx, enum log_level level, struct str source, struct str text)
{
    size_t len = strlen(logged);
    (void)ctx;
    snprintf(logged + len, sizeof(logged) - len, "%d %.*s: %.*s\n", (int)level, STR_ARG(source),
             STR_ARG(text));
}

static const struct clock_port the_clock = {.wall_ms = wall};
static const struct log_port the_log = {.write = write_log};

static struct denials *open_denials(const char *at)
{
    const struct denials_config config = {at, &the_clock, &the_log};
    struct denials *denials;
    assert_int_equal(denials_new(&config, &denials, NULL), ST_OK);
    return denials;
}

static void deny(struct denials *denials, const char *plugin, const char *what)
{
    const struct denials_port *port = denials_port(denials);
    port->denied(port->ctx, str_from(plugin), str_from(what));
}

static int before_each(void **state)
{
    (void)state;
    snprintf(top, sizeof(top), "/tmp/hexmcp-denials-XXXXXX");
    logged[0] = '\0';
    now = 1000;
    if (!mkdtemp(top))
        return -1;
    snprintf(path, sizeof(path), "%s/state/denials.json", top);
    return 0;
}

static int after_each(void **state)
{
    char command[100];
    (void)state;
    snprintf(command, sizeof(command), "rm -r %s", top);
    return system(command);
}

static void assert_kept(const char *expected)
{
    struct denial_list list = {0};
    char text[1000] = "";
    denials_read(path, &list);
    for (size_t i = 0; i < list.count; i++) {
        const struct denial *d = &list.at[i];
        snprintf(text + strlen(text), sizeof(text) - strlen(text), "%s %s %d %d %d;", d->plugin,
                 d->what, (int)d->count, (int)d->first_ms, (int)d->last_ms);
    }
    denial_list_clear(&list);
    assert_string_equal(text, expected);
}

static void test_each_kind_is_logged_once(void **state)
{
    (void)state;
    struct denials *denials = open_denials(path);
    struct stat st;
    deny(denials, "a.b", "tried to open a network socket");
    deny(denials, "a.b", "tried to open a network socket");
    deny(denials, "a.b", "tried to start git");
    assert_string_equal(
        logged,
        "3 a.b: denied: it tried to open a network socket; attempts are counted, see: hexmcp plugin "
        "inspect a.b\n"
        "3 a.b: denied: it tried to start git; attempts are counted, see: hexmcp plugin inspect a.b\n");
    assert_int_equal(LOG_LEVEL_WARNING, 3);
    assert_int_equal(stat(path, &st), 0);
    assert_int_equal(st.st_mode & 07777, 0600);
    denials_free(denials);
    assert_kept("a.b tried to open a network socket 2 1000 1000;a.b tried to start git 1 1000 1000;");
}

static void test_counts_are_written_from_time_to_time(void **state)
{
    (void)state;
    struct denials *denials = open_denials(path), *other = open_denials(path);
    deny(denials, "a.b", "x");
    now = 1999;
    deny(denials, "a.b", "y");
    assert_kept("a.b x 1 1000 1000;");
    now = 2000;
    deny(denials, "a.b", "x");
    assert_kept("a.b x 1 1000 1000;");
    deny(other, "a.b", "x");
    assert_kept("a.b x 2 1000 2000;");
    now = 61000;
    deny(denials, "a.b", "x");
    assert_kept("a.b x 4 1000 61000;a.b y 1 1999 1999;");
    now = 500; /* a clock that goes back */
    deny(denials, "a.b", "x");
    assert_kept("a.b x 5 500 61000;a.b y 1 1999 1999;");
    denials_free(denials);
    denials_free(other);
    assert_kept("a.b x 5 500 61000;a.b y 1 1999 1999;");
}

static void test_it_is_bounded(void **state)
{
    (void)state;
    struct denial_list list = {0};
    char plugin[32], what[32];
    bool fresh;
    for (unsigned i = 0; i < 2 * DENIALS_OF_PLUGIN_MAX; i++) {
        snprintf(what, sizeof(what), "w%u", i);
        assert_true(denial_list_add(&list, STR("a.b"), str_from(what), 1, i, i, &fresh));
        assert_true(fresh);
    }
    assert_int_equal(list.count, DENIALS_OF_PLUGIN_MAX);
    assert_string_equal(list.at[0].what, "w32");
    for (unsigned i = 0; i < DENIALS_MAX; i++) {
        snprintf(plugin, sizeof(plugin), "p%u", i);
        assert_true(denial_list_add(&list, str_from(plugin), STR("w"), 1, 1000, 1000, NULL));
    }
    assert_int_equal(list.count, DENIALS_MAX);
    assert_string_equal(list.at[0].plugin, "p0");
    assert_true(denial_list_add(&list, STR("p0"), STR("w"), UINT64_MAX / 2, 0, 0, NULL));
    assert_true(list.at[0].count == INT64_MAX);
    denial_list_clear(&list);

    char longest[400];
    memset(longest, 'a', sizeof(longest));
    memcpy(longest + 199, "\xC3\xA9", 2);
    assert_true(denial_list_add(&list, STR("a.b"), (struct str){longest, 400}, 1, 0, 0, NULL));
    assert_int_equal(strlen(list.at[0].what), 199);
    denial_list_clear(&list);
}

static void test_a_bad_file_is_nothing(void **state)
{
    static const char *const bad[] = {
        "", "[]", "{\"format\":2,\"denials\":[]}", "{\"format\":1,\"denials\":{}}",
        "{\"format\":1,\"denials\":[{}]}",
        "{\"format\":1,\"denials\":[{\"plugin\":\"a\",\"what\":\"b\",\"count\":0,\"first\":1,\"last\":1}]}",
        "{\"format\":1,\"denials\":[{\"plugin\":\"a\\u0000\",\"what\":\"b\",\"count\":1,\"first\":1,\"last\":1}]}"};
    (void)state;
    for (size_t i = 0; i < sizeof(bad) / sizeof(bad[0]); i++) {
        struct denial_list list = {0};
        assert_false(denial_list_read(&list, str_from(bad[i])));
        denial_list_clear(&list);
    }
    struct denials *denials = open_denials(path);
    deny(denials, "a.b", "x");
    denials_free(denials);
    FILE *f = fopen(path, "w");
    fputs("{", f);
    fclose(f);
    assert_kept("");
    denials = open_denials(path);
    deny(denials, "a.b", "y");
    denials_free(denials);
    assert_kept("a.b y 1 1000 1000;");
}

/* Ever new attempts: the log and the file stay small. */
static void test_what_one_plugin_can_do_is_bounded(void **state)
{
    (void)state;
    struct denials *denials = open_denials(path);
    struct denial_list list = {0};
    char what[32];
    for (int i = 0; i < 1000; i++) {
        snprintf(what, sizeof(what), "tried %d", i);
        logged[0] = '\0';
        deny(denials, "a.b", what);
        assert_true(i < 32 ? logged[0] != '\0' : logged[0] == '\0');
    }
    denials_free(denials);
    denials_read(path, &list);
    assert_int_equal(list.count, DENIALS_OF_PLUGIN_MAX);
    assert_string_equal(list.at[31].what, "tried more than is told apart");
    assert_int_equal(list.at[31].count, 1000 - 31);
    denial_list_clear(&list);
}

static void test_without_a_place_it_is_only_logged(void **state)
{
    (void)state;
    struct denials *denials = open_denials(NULL);
    deny(denials, "a.b", "x");
    deny(denials, "a.b", "x");
    denials_free(denials);
    assert_string_equal(logged, "3 a.b: denied: it x; attempts are counted, see: hexmcp plugin inspect a.b\n");
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test_setup_teardown(test_each_kind_is_logged_once, before_each, after_each),
        cmocka_unit_test_setup_teardown(test_counts_are_written_from_time_to_time, before_each, after_each),
        cmocka_unit_test_setup_teardown(test_it_is_bounded, before_each, after_each),
        cmocka_unit_test_setup_teardown(test_a_bad_file_is_nothing, before_each, after_each),
        cmocka_unit_test_setup_teardown(test_what_one_plugin_can_do_is_bounded, before_each, after_each),
        cmocka_unit_test_setup_teardown(test_without_a_place_it_is_only_logged, before_each, after_each),
    };
    cmocka_set_message_output(CM_OUTPUT_TAP);
    return cmocka_run_group_tests(tests, NULL, NULL);
}
