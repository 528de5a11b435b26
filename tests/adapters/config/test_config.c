/* Layers of settings, with files in a folder of the test's own. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdio.h>
#include <stdlib.h>
#include <sys/stat.h>
#include <unistd.h>

#include <cmocka.h>

#include "adapters/driven/config/comments.h"
#include "adapters/driven/config/config.h"

static char folder[64];

static const char *write_file(const char *name, const char *text)
{
    static char path[4][128];
    static unsigned next;
    char *out = path[next++ % 4];
    snprintf(out, sizeof(path[0]), "%s/%s", folder, name);
    FILE *file = fopen(out, "w");
    assert_non_null(file);
    fputs(text, file);
    fclose(file);
    return out;
}

static int load(const char *user, const char *project, char *const *environment,
                struct config **out, struct error *err)
{
    struct config_sources sources = {
        .user_path = user ? write_file("user.json", user) : NULL,
        .project_path = project ? write_file("project.json", project) : NULL,
        .environment = environment,
    };
    return config_load(&sources, out, err);
}

static void expect_error(const char *user, const char *project, char *const *environment,
                         const char *text)
{
    struct config *config;
    struct error err = {0};
    assert_int_equal(load(user, project, environment, &config, &err), ST_CONFIG);
    assert_int_equal(err.code, ST_CONFIG);
    if (!strstr(err.text, text))
        fail_msg("\"%s\" is not in \"%s\"", text, err.text);
}

static size_t index_of(const char *key)
{
    for (size_t i = 0; i < config_setting_count; i++)
        if (strcmp(config_settings[i].key, key) == 0)
            return i;
    fail_msg("no setting %s", key);
    return 0;
}

static void test_defaults(void **state)
{
    (void)state;
    struct config *config;
    struct error err;
    assert_int_equal(load(NULL, NULL, NULL, &config, &err), ST_OK);
    assert_int_equal(config_integer(config, "stdio.drain_ms"), 2000);
    assert_int_equal(config_integer(config, "stdio.max_message_bytes"), 67108864);
    assert_true(config_bool(config, "stdio.watch_parent"));
    assert_true(str_eq(config_string(config, "policy.level"), STR("restricted")));
    assert_int_equal(config_origin(config, index_of("stdio.drain_ms")), LAYER_DEFAULT);
    config_free(config);
}

static void test_later_layers_win(void **state)
{
    (void)state;
    char *environment[] = {"HEXMCP_STDIO_DRAIN_MS=300", "OTHER=1", NULL};
    struct config *config;
    struct error err;
    assert_int_equal(load("{\"stdio\":{\"drain_ms\":500},\"log\":{\"level\":\"debug\"}}", NULL,
                          environment, &config, &err),
                     ST_OK);
    size_t drain = index_of("stdio.drain_ms");
    assert_int_equal(config_integer(config, "stdio.drain_ms"), 300);
    assert_int_equal(config_origin(config, drain), LAYER_ENVIRONMENT);
    assert_true(str_eq(config_origin_name(config, drain), STR("HEXMCP_STDIO_DRAIN_MS")));
    assert_true(str_eq(config_string(config, "log.level"), STR("debug")));
    assert_int_equal(config_origin(config, index_of("log.level")), LAYER_USER);
    assert_int_equal(config_set(config, STR("stdio.drain_ms"), STR("100"), &err), ST_OK);
    assert_int_equal(config_integer(config, "stdio.drain_ms"), 100);
    assert_int_equal(config_origin(config, drain), LAYER_COMMAND_LINE);
    config_free(config);
}

static void test_comments_and_dotted_keys(void **state)
{
    (void)state;
    struct config *config;
    struct error err;
    assert_int_equal(load("// mine\n{ /* a */ \"stdio.drain_ms\": 7, // b\n"
                          "  \"server\": {\"name\": \"a // b\",},\n  \"$schema\": \"x\" }\n",
                          NULL, NULL, &config, &err),
                     ST_OK);
    assert_int_equal(config_integer(config, "stdio.drain_ms"), 7);
    assert_true(str_eq(config_string(config, "server.name"), STR("a // b")));
    config_free(config);
}

static void test_errors_name_file_line_and_key(void **state)
{
    (void)state;
    expect_error("{\n\"stdio\": {\n\"drain_sm\": 1}}", NULL, NULL,
                 "user.json:3:1: unknown setting \"stdio.drain_sm\"; did you mean "
                 "\"stdio.drain_ms\"?");
    expect_error("{\"zzz\": 1}", NULL, NULL,
                 "unknown setting \"zzz\"; \"hexmcp config show\" lists all of them");
    expect_error("{\"stdio\": {\"drain_ms\": -1}}", NULL, NULL,
                 "stdio.drain_ms must be a whole number from 0 to 600000");
    expect_error("{\"log\": {\"level\": \"warn\"}}", NULL, NULL,
                 "log.level must be one of: debug info notice warning error critical alert "
                 "emergency (did you mean \"warning\"?)");
    expect_error("{\"plugins\": {\"enable\": [1]}}", NULL, NULL,
                 "plugins.enable must be an array of strings");
    expect_error("{\"stdio\": {\"watch_parent\": 1}}", NULL, NULL,
                 "stdio.watch_parent must be true or false");
    expect_error("{\"plugins\": {\"settings\": []}}", NULL, NULL,
                 "plugins.settings must be an object");
    expect_error("{\"stdoi\": {\"drain_ms\": 1}}", NULL, NULL,
                 "user.json:1:2: unknown setting \"stdoi\"; did you mean \"stdio\"?");
    expect_error("{\"log\": 1}", NULL, NULL, "user.json:1:9: log must be an object of settings");
    expect_error("{\"server\": {\"name\": \"\xc3\xbc\"},\"log\": 1}", NULL, NULL,
                 "user.json:1:33: log must be an object of settings");
    expect_error("[]", NULL, NULL, "the file must hold one JSON object");
    expect_error("{", NULL, NULL, "user.json:1:2: expected a key in quotes");
}

static void collect(void *ctx, const struct config_fault *fault)
{
    const char *slash = strrchr(fault->source, '/');
    char line[1024];
    snprintf(line, sizeof(line), "%s:%u:%u: %s\n", slash ? slash + 1 : fault->source, fault->line,
             fault->column, fault->text);
    buffer_add_str(ctx, str_from(line));
}

static void expect_faults(const char *user, const char *project, char *const *environment,
                          const char *expected)
{
    struct config_sources sources = {
        .user_path = user ? write_file("user.json", user) : NULL,
        .project_path = project ? write_file("project.json", project) : NULL,
        .environment = environment,
    };
    struct buffer out = BUFFER_INIT;
    struct error err;
    assert_int_equal(config_check(&sources, collect, &out, &err), ST_OK);
    buffer_add_char(&out, '\0');
    assert_string_equal(out.data, expected);
    buffer_clear(&out);
}

static void test_a_check_tells_every_fault(void **state)
{
    (void)state;
    char *environment[] = {"HEXMCP_LOG_LEVEL=loud", "HEXMCP_MCP_PAGE_SIZ=1", "HEXMCP_ELSE=1", NULL};
    expect_faults("{ // all\n  \"stdio\": {\n    \"drain_ms\": -1,\n    \"drain_sm\": 1\n  },\n"
                  "  \"log\": {\"format\": \"txt\"}, \"mcp\": []\n}",
                  "{\"policy\": {\"level\": \"privileged\"}, \"plugins.path\": []}", environment,
                  "user.json:3:17: stdio.drain_ms must be a whole number from 0 to 600000\n"
                  "user.json:4:5: unknown setting \"stdio.drain_sm\"; did you mean "
                  "\"stdio.drain_ms\"?\n"
                  "user.json:6:21: log.format must be one of: text json (did you mean \"text\"?)\n"
                  "user.json:6:36: mcp must be an object of settings\n"
                  "project.json:1:22: a project file may only lower policy.level, which is \"restricted\"; "
                  "set it in your user file\n"
                  "project.json:1:53: a project file may not set plugins.path; set it in your user "
                  "file\n"
                  ":0:0: HEXMCP_LOG_LEVEL: log.level must be one of: debug info notice warning error "
                  "critical alert emergency\n"
                  ":0:0: unknown variable HEXMCP_MCP_PAGE_SIZ; did you mean HEXMCP_MCP_PAGE_SIZE?\n"
                  ":0:0: nothing reads the variable HEXMCP_ELSE; \"hexmcp config show\" lists the "
                  "settings\n");
    expect_faults("{\n  \"a\" 1\n}", "[1,\n2", NULL,
                  "user.json:2:7: expected ':'\nproject.json:2:2: unexpected end\n");
    expect_faults("{\"stdio.drain_ms\": 1}", "{\"stdio.drain_ms\": 0}", NULL, "");
}

static void test_variables(void **state)
{
    (void)state;
    char *typo[] = {"HEXMCP_STDIO_DRAIN_SM=1", NULL};
    char *wrong[] = {"HEXMCP_LOG_LEVEL=loud", NULL};
    char *other[] = {"HEXMCP_PLUGIN_PATH=/x", "HEXMCP_PLUGINS_DISABLE=a:b", NULL};
    struct config *config;
    struct error err;
    expect_error(NULL, NULL, typo,
                 "unknown variable HEXMCP_STDIO_DRAIN_SM; did you mean HEXMCP_STDIO_DRAIN_MS?");
    expect_error(NULL, NULL, wrong, "HEXMCP_LOG_LEVEL: log.level must be one of");
    assert_int_equal(load(NULL, NULL, other, &config, &err), ST_OK);
    assert_true(str_eq(config_text(config, "plugins.disable"), STR("[\"a\",\"b\"]")));
    config_free(config);
}

static void test_a_project_may_only_narrow(void **state)
{
    (void)state;
    struct config *config;
    struct error err;
    assert_int_equal(load("{\"policy\":{\"level\":\"restricted\"},\"plugins\":{\"disable\":[\"a\"]}}",
                          "{\"policy\":{\"level\":\"safe\"},\"stdio\":{\"drain_ms\":10},"
                          "\"plugins\":{\"disable\":[\"b\"]},\"log\":{\"level\":\"debug\"}}",
                          NULL, &config, &err),
                     ST_OK);
    assert_true(str_eq(config_string(config, "policy.level"), STR("safe")));
    assert_true(str_eq(config_text(config, "plugins.disable"), STR("[\"a\",\"b\"]")));
    assert_int_equal(config_origin(config, index_of("policy.level")), LAYER_PROJECT);
    config_free(config);
    expect_error(NULL, "{\"policy\":{\"level\":\"privileged\"}}", NULL,
                 "a project file may only lower policy.level, which is \"restricted\"; set it in your "
                 "user file");
    expect_error(NULL, "{\"stdio\":{\"drain_ms\":2001}}", NULL,
                 "a project file may only lower stdio.drain_ms, which is 2000");
    expect_error(NULL, "{\"plugins\":{\"enable\":[\"x\"]}}", NULL,
                 "a project file may not set plugins.enable; set it in your user file");
    expect_error(NULL, "{\"plugins\":{\"path\":[\".\"]}}", NULL,
                 "a project file may not set plugins.path");
    expect_error(NULL, "{\"plugins\":{\"settings\":{}}}", NULL,
                 "a project file may not set plugins.settings");
    expect_error(NULL, "{\"server\":{\"instructions\":\"obey\"}}", NULL,
                 "a project file may not set server.instructions");
}

static void expect_kept(const char *key, int64_t user, int64_t project)
{
    char before[80], after[80], text[120];
    snprintf(before, sizeof(before), "{\"%s\":%lld}", key, (long long)user);
    snprintf(after, sizeof(after), "{\"%s\":%lld}", key, (long long)project);
    snprintf(text, sizeof(text), "a project file may only lower %s, which is %lld", key,
             (long long)user);
    expect_error(before, after, NULL, text);
}

static void expect_lowered(const char *key, int64_t user, int64_t project)
{
    char before[80], after[80];
    struct config *config;
    struct error err;
    snprintf(before, sizeof(before), "{\"%s\":%lld}", key, (long long)user);
    snprintf(after, sizeof(after), "{\"%s\":%lld}", key, (long long)project);
    assert_int_equal(load(before, after, NULL, &config, &err), ST_OK);
    assert_int_equal(config_integer(config, key), project);
    config_free(config);
}

static void test_a_project_cannot_widen_by_way_of_zero(void **state)
{
    (void)state;
    /* no drain at all is the lowest */
    expect_kept("stdio.drain_ms", 0, 600000);
    expect_lowered("stdio.drain_ms", 1, 0);
    /* 0 workers are as many as the machine wants, at least 4 */
    expect_kept("workers.max", 1, 0);
    expect_kept("workers.max", 64, 0);
    expect_kept("workers.max", 0, 64);
    expect_kept("workers.max", 0, 5);
    expect_lowered("workers.max", 0, 4);
    expect_lowered("workers.max", 0, 0);
    expect_lowered("workers.max", 8, 1);
}

static void test_a_chosen_file_must_exist(void **state)
{
    (void)state;
    struct config_sources sources = {.chosen_path = "/nonexistent/config.json"};
    struct config *config;
    struct error err;
    assert_int_equal(config_load(&sources, &config, &err), ST_CONFIG);
    assert_string_equal(err.text, "/nonexistent/config.json does not exist");
}

static void expect_blanked(const char *text, const char *expected)
{
    char copy[128];
    snprintf(copy, sizeof(copy), "%s", text);
    comments_blank(copy, strlen(copy));
    assert_string_equal(copy, expected);
}

static void test_comments_become_spaces(void **state)
{
    (void)state;
    expect_blanked("[1, // x\n2]", "[1,     \n2]");
    expect_blanked("[1, /* x\ny */ 2,]", "[1,     \n     2 ]");
    expect_blanked("[\"// no\", \"\\\"/*\"]", "[\"// no\", \"\\\"/*\"]");
    expect_blanked("[1] /* open", "[1]        ");
    expect_blanked("{\"a\":1, // x\n}", "{\"a\":1      \n}");
    expect_blanked("\"open", "\"open");
    expect_blanked("/", "/");
}

/* Opening a fifo waits for somebody who writes: a folder that holds one must not stop the program. */
static void test_a_fifo_is_no_file(void **state)
{
    (void)state;
    char path[128], text[200];
    struct config *config;
    struct error err;
    snprintf(path, sizeof(path), "%s/project.json", folder);
    snprintf(text, sizeof(text), "%s is not a file of at most 1048576 bytes", path);
    unlink(path);
    assert_int_equal(mkfifo(path, 0600), 0);
    struct config_sources sources = {.project_path = path};
    alarm(10);
    assert_int_equal(config_load(&sources, &config, &err), ST_CONFIG);
    alarm(0);
    assert_string_equal(err.text, text);
}

static int make_folder(void **state)
{
    (void)state;
    snprintf(folder, sizeof(folder), "/tmp/test-config-XXXXXX");
    return mkdtemp(folder) ? 0 : -1;
}

static int remove_folder(void **state)
{
    (void)state;
    char path[128];
    snprintf(path, sizeof(path), "%s/user.json", folder);
    unlink(path);
    snprintf(path, sizeof(path), "%s/project.json", folder);
    unlink(path);
    return rmdir(folder);
}

static void is_text(const struct config *config, const char *key, const char *want)
{
    struct str text = config_text(config, key);
    char copy[500];
    snprintf(copy, sizeof(copy), "%.*s", STR_ARG(text));
    assert_string_equal(copy, want);
}

static void test_folders(void **state)
{
    (void)state;
    struct config *config;
    struct error err;
    char *environment[] = {"HEXMCP_GRANTS_WRITE=/e:/f", NULL};
    setenv("HOME", "/home/ada", 1);
    assert_int_equal(load("{\"grants\":{\"read\":[\"~\",\"~/a/../b/\",\"/x//y/.\",\"/~z\"]}}", NULL,
                          environment, &config, &err),
                     ST_OK);
    is_text(config, "grants.read", "[\"/home/ada\",\"/home/ada/b\",\"/x/y\",\"/~z\"]");
    is_text(config, "grants.write", "[\"/e\",\"/f\"]");
    assert_int_equal(chdir(folder), 0);
    assert_int_equal(config_set(config, STR("grants.read"), STR("[\"sub/./x\",\".\"]"), &err), ST_OK);
    char want[600], here[200];
    assert_non_null(getcwd(here, sizeof(here)));
    snprintf(want, sizeof(want), "[\"%s/sub/x\",\"%s\"]", here, here);
    is_text(config, "grants.read", want);
    config_free(config);
    expect_error("{\"grants\":{\"read\":[\"here\"]}}", NULL, NULL,
                 "user.json:1:19: grants.read: \"here\" must begin with \"/\" or \"~/\"; only a "
                 "project file and the command line can name folders from where they are");
    expect_error("{\"grants\":{\"read\":[\"\"]}}", NULL, NULL, "grants.read: ");
    expect_error("{\"grants\":{\"read\":\"/x\"}}", NULL, NULL,
                 "grants.read must be an array of strings");
    expect_error("{\"grants\":{\"read\":[\"/x\\u0000y\"]}}", NULL, NULL,
                 "grants.read: the path has a NUL (U+0000) in it; no file can");
    unsetenv("HOME");
    expect_error("{\"grants\":{\"read\":[\"~/x\"]}}", NULL, NULL,
                 "grants.read: \"~\" cannot be used, as HOME is not set");
}

static void test_a_project_may_only_narrow_folders(void **state)
{
    (void)state;
    struct config *config;
    struct error err;
    const char *user = "{\"grants\":{\"write\":[\"/p\",\"/q\"]}}";
    assert_int_equal(load(user, "{\"grants\":{\"write\":[\"/p/sub\",\"/q\"]}}", NULL, &config, &err),
                     ST_OK);
    is_text(config, "grants.write", "[\"/p/sub\",\"/q\"]");
    config_free(config);
    assert_int_equal(load(user, "{\"grants\":{\"write\":[]}}", NULL, &config, &err), ST_OK);
    is_text(config, "grants.write", "[]");
    config_free(config);
    expect_error(user, "{\"grants\":{\"write\":[\"/p/../etc\"]}}", NULL,
                 "a project file may only narrow grants.write, which is [\"/p\",\"/q\"], and /etc is "
                 "not in it; set it in your user file");
    expect_error(NULL, "{\"grants\":{\"read\":[\".\"]}}", NULL,
                 "a project file may only narrow grants.read, which is [], and ");
    expect_error(NULL, "{\"grants\":{\"client_roots\":\"ignore\"}}", NULL,
                 "a project file may only lower grants.client_roots");
    expect_error(NULL, "{\"grants\":{\"hard_links\":true}}", NULL,
                 "a project file may only lower grants.hard_links");
}

static void test_grants(void **state)
{
    (void)state;
    struct config *config;
    struct error err;
    char *environment[] = {"HEXMCP_GRANTS_HOSTS=a.example,[::1]:80", "HEXMCP_GRANTS_PROGRAMS=git:ls", NULL};
    assert_int_equal(load("{\"grants\":{\"env\":[\"LANG\",\"*\"],\"secrets\":[\"a\"]}}", NULL, environment,
                          &config, &err),
                     ST_OK);
    is_text(config, "grants.hosts", "[\"a.example\",\"[::1]:80\"]");
    is_text(config, "grants.programs", "[\"git\",\"ls\"]");
    is_text(config, "grants.env", "[\"LANG\",\"*\"]");
    is_text(config, "grants.secrets", "[\"a\"]");
    config_free(config);
    expect_error("{\"grants\":{\"hosts\":[\"a\",\"http://a\"]}}", NULL, NULL,
                 "user.json:1:20: grants.hosts: \"http://a\" is no rule for hosts; write the host alone, "
                 "without a scheme, a path or a mask");
    expect_error("{\"grants\":{\"programs\":[\"./x\"]}}", NULL, NULL,
                 "grants.programs: \"./x\" is no program: write a name without \"/\"");
    expect_error("{\"grants\":{\"env\":\"LANG\"}}", NULL, NULL, "grants.env must be an array of strings");
}

static void test_a_project_may_only_narrow_grants(void **state)
{
    (void)state;
    struct config *config;
    struct error err;
    const char *user = "{\"grants\":{\"hosts\":[\"*\",\"localhost:3000\"],\"programs\":[\"git\",\"ls\"]}}";
    assert_int_equal(load(user, "{\"grants\":{\"hosts\":[\"nas.example\",\"localhost:*\"],\"programs\":[\"ls\"]}}",
                          NULL, &config, &err),
                     ST_OK);
    is_text(config, "grants.hosts", "[\"~nas.example\",\"localhost:3000\"]");
    is_text(config, "grants.programs", "[\"ls\"]");
    config_free(config);
    assert_int_equal(load(user, "{\"grants\":{\"hosts\":[]}}", NULL, &config, &err), ST_OK);
    is_text(config, "grants.hosts", "[]");
    config_free(config);
    expect_error(user, "{\"grants\":{\"hosts\":[\"10.0.0.1\"]}}", NULL,
                 "a project file may only narrow grants.hosts, which is [\"*\",\"localhost:3000\"], and "
                 "\"10.0.0.1\" is not in it; set it in your user file");
    expect_error(user, "{\"grants\":{\"programs\":[\"*\"]}}", NULL,
                 "a project file may only narrow grants.programs, which is [\"git\",\"ls\"], and \"*\" is "
                 "not in it; set it in your user file");
    expect_error(NULL, "{\"grants\":{\"env\":[\"LANG\"]}}", NULL,
                 "a project file may only narrow grants.env, which is []");
    expect_error(NULL, "{\"plugins\":{\"lock\":\"/x\"}}", NULL, "a project file may not set plugins.lock");
}

static void test_isolation(void **state)
{
    (void)state;
    struct config *config;
    struct error err;
    const char *user = "{\"plugins\":{\"isolation\":{\"a.b\":\"never\",\"c.d\":\"always\"}}}";
    assert_int_equal(load(user, "{\"plugins.isolation\":{\"a.b\":\"auto\",\"e.f\":\"always\"},"
                                "\"isolation.mode\":\"always\",\"isolation.strict\":true}",
                          NULL, &config, &err),
                     ST_OK);
    is_text(config, "plugins.isolation", "{\"a.b\":\"auto\",\"e.f\":\"always\",\"c.d\":\"always\"}");
    is_text(config, "isolation.mode", "\"always\"");
    is_text(config, "isolation.strict", "true");
    config_free(config);
    expect_error(NULL, "{\"plugins.isolation\":{\"e.f\":\"never\"}}", NULL,
                 "a project file may not set plugins.isolation of \"e.f\" to \"never\"; set it in your "
                 "user file");
    expect_error(user, "{\"plugins.isolation\":{\"c.d\":\"auto\"}}", NULL,
                 "a project file may not set plugins.isolation of \"c.d\" to \"auto\"; set it in your "
                 "user file");
    expect_error("{\"isolation.mode\":\"always\"}", "{\"isolation.mode\":\"auto\"}", NULL,
                 "a project file may only lower isolation.mode, which is \"always\"");
    expect_error(NULL, "{\"isolation.strict\":false}", NULL,
                 "a project file may only set isolation.strict to true; set it in your user file");
    expect_error("{\"plugins.isolation\":{\"e.f\":\"no\"}}", NULL, NULL,
                 "plugins.isolation: \"e.f\" must be one of: always auto never");
    expect_error("{\"plugins.isolation\":[]}", NULL, NULL, "plugins.isolation must be an object");
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_defaults),
        cmocka_unit_test(test_later_layers_win),
        cmocka_unit_test(test_comments_and_dotted_keys),
        cmocka_unit_test(test_errors_name_file_line_and_key),
        cmocka_unit_test(test_a_check_tells_every_fault),
        cmocka_unit_test(test_variables),
        cmocka_unit_test(test_a_project_may_only_narrow),
        cmocka_unit_test(test_folders),
        cmocka_unit_test(test_a_project_may_only_narrow_folders),
        cmocka_unit_test(test_grants),
        cmocka_unit_test(test_a_project_may_only_narrow_grants),
        cmocka_unit_test(test_isolation),
        cmocka_unit_test(test_a_project_cannot_widen_by_way_of_zero),
        cmocka_unit_test(test_a_chosen_file_must_exist),
        cmocka_unit_test(test_comments_become_spaces),
        cmocka_unit_test(test_a_fifo_is_no_file),
    };
    cmocka_set_message_output(CM_OUTPUT_TAP);
    return cmocka_run_group_tests(tests, make_folder, remove_folder);
}
