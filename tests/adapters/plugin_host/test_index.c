#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <sys/stat.h>
#include <time.h>
#include <unistd.h>

#include "adapters/driven/plugin_host/index_format.h"
#include "tests/adapters/plugin_host/fixture.h"

static char index_path[512];

static int setup(void **state)
{
    fixture_setup(state);
    struct fixture *f = *state;
    fixture_bundle(f, "hexmcp.test.slow");
    fixture_bundle(f, "hexmcp.test.bad-version");
    snprintf(index_path, sizeof(index_path), "%s/cache/hexmcp/plugins-index", f->dir);
    f->config.user_index = index_path;
    return 0;
}

static bool from_index(struct fixture *f, const char *id)
{
    return fixture_plugin(f, id).from_index;
}

static void what_was_verified_comes_from_the_index(void **state)
{
    struct fixture *f = *state;
    struct plugin_item_cursor first = {0}, second = {0};
    struct item a, b;
    fixture_open(f);
    assert_false(from_index(f, "hexmcp.test.slow"));
    assert_true(plugin_host_next_item(f->host, &first, &a));
    char json[2048];
    snprintf(json, sizeof(json), "%.*s", STR_ARG(a.json));
    fixture_close(f);

    fixture_open(f);
    assert_true(from_index(f, "hexmcp.test.slow"));
    assert_true(from_index(f, "hexmcp.test.bad-version"));
    assert_true(plugin_host_next_item(f->host, &second, &b));
    assert_true(str_eq(b.json, str_from(json)));
    struct plugin_facts facts = fixture_plugin(f, "hexmcp.test.bad-version");
    assert_int_equal(facts.refusal, REFUSED_MISMATCH);
    assert_true(str_eq(facts.reason, STR("plugin.json has the version 1.0.0, plugin.so 2.0.0; "
                                         "build the plugin anew")));
    facts = fixture_plugin(f, "hexmcp.test.slow");
    assert_true(str_eq(facts.title, STR("Slow")));
    assert_true(facts.enabled);
}

static void what_runs_from_the_index_is_checked_when_loaded(void **state)
{
    struct fixture *f = *state;
    struct error err;
    fixture_open(f);
    fixture_close(f);
    fixture_open(f);
    assert_true(from_index(f, "hexmcp.test.slow"));
    chmod(fixture_path(f, "hexmcp.test.slow/plugin.so"), 0666);
    assert_int_equal(fixture_run(f, 1, "hexmcp.test.slow", "slow", "{\"steps\":0}", false, &err),
                     ST_UNAVAILABLE);
    assert_string_equal(err.text,
                        "plugin hexmcp.test.slow cannot be used: plugin.so can be written by everybody; "
                        "run: chmod go-w plugin.so");
}

static void a_changed_file_is_verified_anew(void **state)
{
    struct fixture *f = *state;
    struct timespec times[2] = {{.tv_nsec = UTIME_OMIT}, {.tv_sec = 1000000}};
    fixture_open(f);
    fixture_close(f);
    /* same size, same inode: the time alone */
    utimensat(AT_FDCWD, fixture_path(f, "hexmcp.test.slow/plugin.so"), times, 0);
    fixture_open(f);
    assert_false(from_index(f, "hexmcp.test.slow"));
    assert_true(from_index(f, "hexmcp.test.bad-version"));
    fixture_close(f);
    fixture_open(f);
    assert_true(from_index(f, "hexmcp.test.slow"));
}

static void a_new_plugin_is_found_and_a_removed_one_forgotten(void **state)
{
    struct fixture *f = *state;
    fixture_open(f);
    fixture_close(f);
    fixture_bundle(f, "hexmcp.test.bad");
    unlink(fixture_path(f, "hexmcp.test.slow/plugin.json"));
    fixture_open(f);
    assert_false(from_index(f, "hexmcp.test.bad"));
    assert_int_equal(plugin_host_count(f->host), 2);
    fixture_close(f);
    fixture_open(f);
    assert_true(from_index(f, "hexmcp.test.bad"));
}

static void the_file_is_written_only_for_news(void **state)
{
    struct fixture *f = *state;
    struct stat before, after;
    fixture_open(f);
    fixture_close(f);
    assert_int_equal(stat(index_path, &before), 0);
    fixture_open(f);
    fixture_close(f);
    assert_int_equal(stat(index_path, &after), 0);
    assert_int_equal(before.st_ino, after.st_ino);
    assert_int_equal(before.st_mode & 0777, 0600);
}

/* Reads the index, lets `damage` change it, and writes it back. */
static void with_damage(void (*damage)(char *bytes, size_t *size))
{
    static char bytes[1 << 20];
    FILE *file = fopen(index_path, "rb");
    assert_non_null(file);
    size_t size = fread(bytes, 1, sizeof(bytes), file);
    fclose(file);
    damage(bytes, &size);
    file = fopen(index_path, "wb");
    fwrite(bytes, 1, size, file);
    fclose(file);
}

static void cut(char *bytes, size_t *size)
{
    (void)bytes;
    *size /= 2;
}

static void empty(char *bytes, size_t *size)
{
    (void)bytes;
    *size = 0;
}

static void other_build(char *bytes, size_t *size)
{
    (void)size;
    ((struct index_head *)(void *)bytes)->build_id[0] ^= 1;
}

static void wrong_slot(char *bytes, size_t *size)
{
    (void)size;
    ((struct index_slot *)(void *)(bytes + sizeof(struct index_head)))->at += 8;
}

/* A hostile file: the checksum fits, a record reaches out of its bounds. */
static void far_span(char *bytes, size_t *size)
{
    struct index_head *head = (void *)bytes;
    struct index_slot *slots = (void *)(head + 1);
    struct record *r = (void *)(bytes + slots[0].at);
    (void)size;
    r->text[TEXT_ID].len = 0x7fffffff;
}

static void many_tools(char *bytes, size_t *size)
{
    struct index_head *head = (void *)bytes;
    struct record *r = (void *)(bytes + ((struct index_slot *)(void *)(head + 1))->at);
    (void)size;
    r->item_count = 0x20000000;
}

static void a_damaged_index_is_made_anew(void **state)
{
    static void (*const damages[])(char *, size_t *) = {cut,        empty,    other_build,
                                                        wrong_slot, far_span, many_tools};
    struct fixture *f = *state;
    for (size_t i = 0; i < sizeof(damages) / sizeof(damages[0]); i++) {
        fixture_open(f);
        fixture_close(f);
        with_damage(damages[i]);
        fixture_open(f);
        assert_false(from_index(f, "hexmcp.test.slow"));
        assert_int_equal(fixture_plugin(f, "hexmcp.test.slow").state, PLUGIN_VERIFIED);
        fixture_close(f);
        fixture_open(f);
        assert_true(from_index(f, "hexmcp.test.slow"));
        fixture_close(f);
    }
}

static void an_index_that_others_can_write_is_not_used(void **state)
{
    struct fixture *f = *state;
    fixture_open(f);
    fixture_close(f);
    assert_int_equal(chmod(index_path, 0622), 0);
    fixture_open(f);
    assert_false(from_index(f, "hexmcp.test.slow"));
}

/* As bundled plugins, with the index that the build makes. */
static void bundle_all(struct fixture *f)
{
    char command[2400];
    f->config.user_index = NULL;
    unlink(fixture_path(f, "hexmcp.test.bad-version/plugin.json"));
    snprintf(command, sizeof(command), "%s %s", getenv("HEXMCP_INDEX"), f->dir);
    assert_int_equal(system(command), 0);
    f->place.origin = PLUGIN_BUNDLED;
}

static void bundled_plugins_that_changed_are_verified_anew(void **state)
{
    struct fixture *f = *state;
    char command[2400];
    bundle_all(f);
    /* the same manifest, made later */
    snprintf(command, sizeof(command), "touch -d 2001-01-01 %s/hexmcp.test.slow/plugin.json", f->dir);
    assert_int_equal(system(command), 0);
    fixture_open(f);
    assert_false(from_index(f, "hexmcp.test.slow"));
    struct plugin_facts facts = fixture_plugin(f, "hexmcp.test.slow");
    assert_int_equal(facts.state, PLUGIN_VERIFIED);
    assert_true(facts.enabled);
    assert_int_equal(facts.origin, PLUGIN_BUNDLED);
    fixture_close(f);
    /* one that cannot be used any more */
    fixture_write(f, "hexmcp.test.slow/plugin.json", "{}");
    fixture_open(f);
    facts = fixture_plugin(f, "hexmcp.test.slow");
    assert_int_equal(facts.state, PLUGIN_REJECTED);
    assert_int_equal(facts.refusal, REFUSED_MANIFEST);
    assert_false(facts.enabled);
    assert_true(str_eq(facts.reason, STR("plugin.json: the key \"manifest\" is missing")));
    fixture_close(f);
    /* one that is gone */
    unlink(fixture_path(f, "hexmcp.test.slow/plugin.json"));
    fixture_open(f);
    facts = fixture_plugin(f, "hexmcp.test.slow");
    assert_int_equal(facts.state, PLUGIN_REJECTED);
    fixture_close(f);
}

/* Nobody has asked for facts or items before. */
static void a_bundled_plugin_that_changed_is_verified_before_it_is_loaded(void **state)
{
    struct fixture *f = *state;
    struct error err;
    char command[2400];
    struct plugin_facts facts;
    struct run_request request = {
        .call = 1, .name = STR("slow"), .arguments = STR("{}"), .deadline_ns = UINT64_MAX};
    bundle_all(f);
    fixture_open(f);
    while (plugin_host_at(f->host, request.plugin, &facts) &&
           !str_eq(facts.id, STR("hexmcp.test.slow")))
        request.plugin++;
    fixture_close(f);
    snprintf(command, sizeof(command), "touch -d 2001-01-01 %s/hexmcp.test.slow/plugin.so", f->dir);
    assert_int_equal(system(command), 0);
    fixture_open(f);
    if (f->runtime->run(f->runtime->ctx, &request, &err))
        fail_msg("%s", err.text);
    fixture_wait_for(f, "completed 1 ");
    fixture_close(f);
}

static void grants_two_seconds(void *ctx, const struct plugin_facts *facts, struct plugin_verdict *verdict)
{
    size_t *asked = ctx;
    if (str_eq(facts->id, STR("hexmcp.test.slow")))
        ++*asked;
    buffer_add_str(&verdict->grants, STR("{\"cpuSeconds\":2}"));
}

/* Once, when somebody asks, or when it is loaded, or when its files have changed. */
static void a_bundled_plugin_gets_its_grants_when_it_is_looked_at(void **state)
{
    struct fixture *f = *state;
    struct error err;
    char command[2400];
    size_t asked = 0;
    f->config.judge = grants_two_seconds;
    f->config.judge_ctx = &asked;
    bundle_all(f);
    fixture_open(f);
    assert_int_equal(asked, 0);
    struct plugin_facts facts = fixture_plugin(f, "hexmcp.test.slow");
    assert_true(str_eq(facts.granted, STR("{\"cpuSeconds\":2}")));
    assert_true(facts.enabled);
    assert_int_equal(asked, 1);
    assert_int_equal(fixture_run(f, 1, "hexmcp.test.slow", "slow", "{}", false, &err), ST_OK);
    fixture_wait_for(f, "completed 1 ");
    assert_int_equal(asked, 1);
    fixture_close(f);
    snprintf(command, sizeof(command), "touch -d 2001-01-01 %s/hexmcp.test.slow/plugin.json", f->dir);
    assert_int_equal(system(command), 0);
    fixture_open(f);
    facts = fixture_plugin(f, "hexmcp.test.slow");
    assert_false(facts.from_index);
    assert_true(str_eq(facts.granted, STR("{\"cpuSeconds\":2}")));
    assert_int_equal(asked, 2);
    fixture_close(f);
}

static void a_relocatable_index_survives_a_copy(void **state)
{
    struct fixture *f = *state;
    struct index index;
    struct error err = {0};
    char command[2400];
    bundle_all(f);
    fixture_open(f);
    assert_true(from_index(f, "hexmcp.test.slow"));
    fixture_close(f);
    /* a copy: other inodes, other change times, the same sizes and seconds */
    snprintf(command, sizeof(command),
             "cd %s && cp -rp hexmcp.test.slow copy && rm -r hexmcp.test.slow && "
             "mv copy hexmcp.test.slow",
             f->dir);
    assert_int_equal(system(command), 0);
    fixture_open(f);
    assert_true(from_index(f, "hexmcp.test.slow"));
    fixture_close(f);
    /* made from the copy, it is the same to the byte */
    snprintf(command, sizeof(command), "mv %s/index %s/before && %s %s && cmp %s/index %s/before",
             f->dir, f->dir, getenv("HEXMCP_INDEX"), f->dir, f->dir, f->dir);
    assert_int_equal(system(command), 0);
    /* a user's index is not taken for a relocatable one */
    int fd = open(fixture_path(f, "index"), O_RDONLY | O_CLOEXEC);
    struct stat st;
    fstat(fd, &st);
    assert_int_equal(index_open(fd, (size_t)st.st_size, false, &index, &err), ST_INVALID);
    assert_string_equal(err.text, "the plugin index is not used: its head is damaged");
}

/* No assertion on time, only a number to look at: a start over forty plugins with a valid index. */
static void forty_plugins(void **state)
{
    struct fixture *f = *state;
    char json[512], path[256], from[512];
    struct timespec a, b;
    snprintf(from, sizeof(from), "%s", fixture_path(f, "hexmcp.test.slow/plugin.so"));
    for (int i = 0; i < 40; i++) {
        snprintf(path, sizeof(path), "org.example.p%d/plugin.json", i);
        snprintf(json, sizeof(json), "{\"manifest\":1,\"id\":\"org.example.p%d\"}", i);
        fixture_write(f, path, json);
        snprintf(path, sizeof(path), "org.example.p%d/plugin.so", i);
        assert_int_equal(link(from, fixture_path(f, path)), 0);
    }
    fixture_open(f);
    fixture_close(f);
    uint64_t best = UINT64_MAX;
    for (int i = 0; i < 20; i++) {
        clock_gettime(CLOCK_MONOTONIC, &a);
        fixture_open(f);
        clock_gettime(CLOCK_MONOTONIC, &b);
        uint64_t ns = (uint64_t)(b.tv_sec - a.tv_sec) * 1000000000u + (uint64_t)b.tv_nsec -
                      (uint64_t)a.tv_nsec;
        best = ns < best ? ns : best;
        assert_true(from_index(f, "org.example.p39"));
        fixture_close(f);
    }
    print_message("# 42 plugins from the index: %llu us\n", (unsigned long long)(best / 1000));
}

#define T(test) cmocka_unit_test_setup_teardown(test, setup, fixture_teardown)

int main(void)
{
    const struct CMUnitTest tests[] = {
        T(what_was_verified_comes_from_the_index),
        T(what_runs_from_the_index_is_checked_when_loaded),
        T(a_changed_file_is_verified_anew),
        T(a_new_plugin_is_found_and_a_removed_one_forgotten),
        T(the_file_is_written_only_for_news),
        T(a_damaged_index_is_made_anew),
        T(an_index_that_others_can_write_is_not_used),
        T(a_bundled_plugin_gets_its_grants_when_it_is_looked_at),
        T(a_relocatable_index_survives_a_copy),
        T(bundled_plugins_that_changed_are_verified_anew),
        T(a_bundled_plugin_that_changed_is_verified_before_it_is_loaded),
        T(forty_plugins),
    };
    cmocka_set_message_output(CM_OUTPUT_TAP);
    return cmocka_run_group_tests(tests, NULL, NULL);
}
