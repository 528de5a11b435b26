/* The published schema and the program must judge every file alike. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdio.h>
#include <stdlib.h>
#include <unistd.h>

#include <cmocka.h>

#include "adapters/driven/config/config.h"
#include "adapters/driven/regex/regex.h"
#include "core/schema/schema.h"

static struct regex_module *module;
static struct schema *compiled;
static char path[] = "/tmp/test-config-schema-XXXXXX";

static void count(void *ctx, const struct config_fault *fault)
{
    (void)fault;
    ++*(unsigned *)ctx;
}

static bool program_takes(const char *text)
{
    unsigned faults = 0;
    struct config_sources sources = {.user_path = path};
    struct error err;
    FILE *file = fopen(path, "w");
    assert_non_null(file);
    fputs(text, file);
    fclose(file);
    assert_int_equal(config_check(&sources, count, &faults, &err), ST_OK);
    return faults == 0;
}

static bool schema_takes(const char *text)
{
    struct json_doc *doc;
    struct error err;
    assert_int_equal(json_parse(str_from(text), &doc, &err), ST_OK);
    bool taken = schema_check(compiled, json_root(doc), &err) == ST_OK;
    json_free(doc);
    return taken;
}

static bool compare(const char *text)
{
    bool by_program = program_takes(text), by_schema = schema_takes(text);
    if (by_program != by_schema)
        fail_msg("%s: the program %s it, the schema %s it", text, by_program ? "takes" : "refuses",
                 by_schema ? "takes" : "refuses");
    return by_program;
}

/* The value under the key in both ways of writing; whether it is taken. */
static bool compare_value(const char *key, const char *value)
{
    char text[512];
    size_t dot = strcspn(key, ".");
    snprintf(text, sizeof(text), "{\"%s\": %s}", key, value);
    bool dotted = compare(text);
    snprintf(text, sizeof(text), "{\"%.*s\": {\"%s\": %s}}", (int)dot, key, key + dot + 1, value);
    assert_int_equal(compare(text), dotted);
    return dotted;
}

static void test_every_setting_with_values_of_every_type(void **state)
{
    (void)state;
    static const char *const values[] = {"null", "true",  "0",      "-1",  "1.5",          "\"\"",
                                         "\"x\"", "[]",   "[\"a\"]", "[1]", "[\"a\", null]", "{}",
                                         "{\"a\": 1}"};
    for (size_t i = 0; i < config_setting_count; i++) {
        unsigned refused = 0;
        for (size_t k = 0; k < sizeof(values) / sizeof(values[0]); k++)
            /* only the program knows whether a file is a project's, which may say "a" */
            if (config_settings[i].type != SETTING_FOLDERS || strcmp(values[k], "[\"a\"]") != 0)
                refused += !compare_value(config_settings[i].key, values[k]);
        assert_true(refused > 5);
        assert_true(compare_value(config_settings[i].key, config_settings[i].initial));
    }
}

static void test_folders(void **state)
{
    (void)state;
    assert_true(compare_value("grants.read", "[\"/a\", \"/a/b\"]"));
    assert_true(compare_value("grants.write", "[\"/\"]"));
    assert_false(compare_value("grants.write", "[\"/a\", \"\"]"));
}

static void test_words(void **state)
{
    (void)state;
    assert_true(compare_value("plugins.isolation", "{\"a.b\": \"never\", \"c.d\": \"auto\"}"));
    assert_false(compare_value("plugins.isolation", "{\"a.b\": \"sometimes\"}"));
}

static void test_the_ends_of_every_range(void **state)
{
    (void)state;
    char text[32];
    for (size_t i = 0; i < config_setting_count; i++) {
        const struct setting *s = &config_settings[i];
        if (s->type != SETTING_INTEGER)
            continue;
        const int64_t ends[] = {s->low - 1, s->low, s->high, s->high + 1};
        for (size_t k = 0; k < 4; k++) {
            snprintf(text, sizeof(text), "%lld", (long long)ends[k]);
            assert_int_equal(compare_value(s->key, text), k == 1 || k == 2);
        }
    }
}

static void test_every_choice(void **state)
{
    (void)state;
    for (size_t i = 0; i < config_setting_count; i++) {
        const char *at = config_settings[i].type == SETTING_CHOICE ? config_settings[i].choices : "";
        while (*at) {
            char text[64];
            int len = (int)strcspn(at, " ");
            snprintf(text, sizeof(text), "\"%.*s\"", len, at);
            assert_true(compare_value(config_settings[i].key, text));
            snprintf(text, sizeof(text), "\"%.*s \"", len, at);
            assert_false(compare_value(config_settings[i].key, text));
            at += len + (at[len] == ' ');
        }
    }
}

static void test_keys(void **state)
{
    (void)state;
    assert_true(compare("{}"));
    assert_true(compare("{\"$schema\": \"./config.schema.json\"}"));
    assert_true(compare("{\"stdio\": {}, \"log\": {}}"));
    assert_false(compare("{\"stdoi\": {}}"));
    assert_false(compare("{\"stdio\": {\"drain\": 1}}"));
    assert_false(compare("{\"stdio\": []}"));
    assert_false(compare("{\"stdio.drain\": 1}"));
    assert_false(compare("{\"stdioXdrain_ms\": 1}"));
    assert_false(compare("{\"stdio\": {\"$schema\": \"x\"}}"));
    assert_false(compare("[]"));
}

static int compile(void **state)
{
    (void)state;
    struct buffer text = BUFFER_INIT;
    struct error err;
    int fd = mkstemp(path);
    if (fd < 0 || config_schema(&text, &err))
        return -1;
    close(fd);
    int rc = schema_compile_text(buffer_str(&text), regex_module_port(module), &compiled, &err);
    buffer_clear(&text);
    return rc;
}

static int clear(void **state)
{
    (void)state;
    schema_free(compiled);
    return unlink(path);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_every_setting_with_values_of_every_type),
        cmocka_unit_test(test_folders),
        cmocka_unit_test(test_words),
        cmocka_unit_test(test_the_ends_of_every_range),
        cmocka_unit_test(test_every_choice),
        cmocka_unit_test(test_keys),
    };
    struct error err;
    cmocka_set_message_output(CM_OUTPUT_TAP);
    if (regex_module_new(TEST_MODULES_DIR, &module, &err))
        return 1;
    int failed = cmocka_run_group_tests(tests, compile, clear);
    regex_module_free(module);
    return failed;
}
