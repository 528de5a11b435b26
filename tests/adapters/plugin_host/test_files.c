/* "hexmcp.files/1": which calls may open what. */
#include <stdio.h>
#include <string.h>

#include "adapters/driven/files/files.h"
#include "tests/adapters/plugin_host/fixture.h"

#define FILES "hexmcp.test.files"

static char folder[80], file[100];
static struct path_grant granted;
static struct path_grants grants;

static struct fixture *opened(void **state)
{
    struct fixture *f = *state;
    fixture_bundle(f, FILES);
    fixture_write(f, "data/file", "content");
    snprintf(folder, sizeof(folder), "%s", fixture_path(f, "data"));
    snprintf(file, sizeof(file), "%s/file", folder);
    granted = (struct path_grant){str_from(folder), str_from(folder), STR(""), true};
    grants = (struct path_grants){&granted, 1, false, false, 0};
    f->config.files = files_port();
    fixture_open(f);
    return f;
}

/* The call ends with the line. */
static void run(struct fixture *f, const char *tool, const char *args,
                const struct path_grants *paths, const char *line)
{
    struct error err = {0};
    struct run_request request = {
        .call = 1, .name = str_from(tool), .arguments = str_from(args), .paths = paths};
    assert_int_equal(fixture_ask(f, FILES, &request, &err), ST_OK);
    fixture_wait(f, line);
    fixture_count(f, "");
    buffer_clear(&f->seen);
}

#define TEXT(text) "completed 1 0 {\"content\":[{\"type\":\"text\",\"text\":\"" text "\"}]}"

static void test_a_call_with_grants(void **state)
{
    struct fixture *f = opened(state);
    char args[200], line[300];
    snprintf(args, sizeof(args), "{\"path\":\"%s\"}", file);
    run(f, "open", args, &grants, TEXT("content"));
    run(f, "open", "{\"path\":\"file\"}", &grants, TEXT("content"));
    run(f, "parent", "{\"path\":\"some/../new\"}", &grants, TEXT("new"));
    snprintf(line, sizeof(line), TEXT("%s 1"), folder);
    run(f, "roots", "{}", &grants, line);
    granted.beneath = STR("sub");
    snprintf(line, sizeof(line), TEXT("%s/sub 1"), folder);
    run(f, "roots", "{}", &grants, line);
}

static void test_a_plugin_that_asks_to_read_cannot_write(void **state)
{
    struct fixture *f = opened(state);
    const char *line = "failed 1 -6 plugin hexmcp.test.files asks to read files and not to change them: "
                       "its plugin.json does not say \"grants\": {\"paths\": [\"read\", \"write\"]}";
    run(f, "open", "{\"path\":\"file\",\"flags\":2}", &grants, line);
    run(f, "parent", "{\"path\":\"file\",\"flags\":2}", &grants, line);
}

static void test_a_call_without_a_path(void **state)
{
    struct fixture *f = opened(state);
    run(f, "open", "{\"path\":\"file\"}", NULL,
        "failed 1 -6 the call has no argument that plugin.json names in \"pathArguments\", so it may "
        "open no file");
    run(f, "roots", "{}", NULL, TEXT(""));
}

static void test_a_call_without_grants(void **state)
{
    struct fixture *f = opened(state);
    static const struct path_grants none;
    run(f, "open", "{\"path\":\"file\"}", &none,
        "failed 1 -6 no file may be opened: no folder is granted. Start hexmcp with --allow-read "
        "FOLDER or --allow-write FOLDER, or set grants.read or grants.write in its configuration");
    run(f, "roots", "{}", &none, TEXT(""));
}

static void test_not_on_the_loop(void **state)
{
    struct fixture *f = opened(state);
    struct error err = {0};
    struct run_request request = {.call = 1,
                                  .name = STR("open"),
                                  .arguments = STR("{\"path\":\"file\"}"),
                                  .paths = &grants,
                                  .on_loop = true};
    assert_int_equal(fixture_ask(f, FILES, &request, &err), ST_OK);
    fixture_saw(f, "failed 1 -12 files cannot be opened on the loop thread\n");
    assert_true(fixture_logged(f, "4 " FILES ": used hexmcp.files/1 on the loop; its tool must have "
                                  "the mode \"worker\""));
}

int main(void)
{
#define TEST(test) cmocka_unit_test_setup_teardown(test, fixture_setup, fixture_teardown)
    const struct CMUnitTest tests[] = {
        TEST(test_a_call_with_grants),
        TEST(test_a_plugin_that_asks_to_read_cannot_write),
        TEST(test_a_call_without_a_path),
        TEST(test_a_call_without_grants),
        TEST(test_not_on_the_loop),
    };
    cmocka_set_message_output(CM_OUTPUT_TAP);
    return cmocka_run_group_tests(tests, NULL, NULL);
}
