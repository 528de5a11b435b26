/* The settings storage.url and what of it the plugin gets. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include "adapters/driven/storage/storage.h"
#include "core/base/str.h"

static int reveal(void *ctx, const struct plugin_grants *grants, struct str name,
                  struct buffer *out, struct error *err)
{
    (void)ctx;
    assert_int_equal(grants->revealed_count, 1);
    if (!str_eq(name, STR("db")))
        return error_set(err, ST_NOT_FOUND, "there is no secret %.*s", STR_ARG(name));
    buffer_add_str(out, STR("p@ss/w\xC3\xB6rd"));
    return ST_OK;
}

static const struct secret_store_port secrets = {.reveal = reveal};

static void test_url(void **state)
{
    static const char *const ids[][2] = {{"sqlite:", "hexmcp.storage-sqlite"},
                                         {"sqlite:/a/b", "hexmcp.storage-sqlite"},
                                         {"memory:", "hexmcp.storage-memory"},
                                         {"postgres://h/d", "hexmcp.storage-postgresql"},
                                         {"rediss://h", "hexmcp.storage-redis"},
                                         {"my-store2:x", "hexmcp.storage-my-store2"}};
    static const char *const none[] = {"", ":", "/a/path", "sqlite", "SQLite:", "2x:", "a b:"};
    struct buffer out = BUFFER_INIT;
    struct error err;
    (void)state;
    for (size_t i = 0; i < sizeof(ids) / sizeof(ids[0]); i++) {
        buffer_reset(&out, 64);
        assert_int_equal(storage_plugin_id(str_from(ids[i][0]), &out, &err), ST_OK);
        assert_string_equal(out.data, ids[i][1]);
    }
    for (size_t i = 0; i < sizeof(none) / sizeof(none[0]); i++)
        assert_int_equal(storage_plugin_id(str_from(none[i]), &out, &err), ST_CONFIG);
    assert_string_equal(err.text,
                        "storage.url names no store; write \"sqlite:\", \"sqlite:/path/of/file\", "
                        "\"memory:\", \"postgresql://...\" or \"redis://...\"");
    buffer_clear(&out);
}

static void settings_are(const char *url, const char *given, const char *expected)
{
    struct buffer out = BUFFER_INIT;
    struct error err;
    int rc = storage_settings(str_from(url), STR("/f"), str_from(given), &secrets, &out, &err);
    buffer_add_char(&out, '\0');
    assert_string_equal(rc ? err.text : out.data, expected);
    buffer_wipe(&out);
}

static void test_settings(void **state)
{
    (void)state;
    settings_are("sqlite:", "", "{\"url\":\"sqlite:\",\"folder\":\"/f\"}");
    settings_are("sqlite:", "{\"maxBatch\":5,\"url\":\"x\",\"folder\":\"y\"}",
                 "{\"url\":\"sqlite:\",\"folder\":\"/f\",\"maxBatch\":5}");
    settings_are("postgresql://u:{{secret:db}}@h/d", "",
                 "{\"url\":\"postgresql://u:p%40ss%2Fw%C3%B6rd@h/d\",\"folder\":\"/f\"}");
    settings_are("redis://{{secret:no}}", "", "storage.url: there is no secret no");
    settings_are("redis://{{secret:no", "",
                 "storage.url: {{secret: without }}; write {{secret:NAME}}");
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_url),
        cmocka_unit_test(test_settings),
    };
    cmocka_set_message_output(CM_OUTPUT_TAP);
    return cmocka_run_group_tests(tests, NULL, NULL);
}
