#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdio.h>
#include <stdlib.h>

#include <cmocka.h>

#include "core/registry/registry.h"

static struct tool_definition tool(const char *plugin, const char *name)
{
    return (struct tool_definition){.local_name = str_from(name), .plugin_id = str_from(plugin)};
}

static int add(struct registry *r, const char *plugin, const char *name, struct error *err)
{
    struct tool_definition t = tool(plugin, name);
    return registry_add(r, &t, err);
}

static void test_order_and_lookup(void **state)
{
    (void)state;
    struct registry *r = registry_new();
    struct error err;
    char name[16];
    for (int i = 0; i < 500; i++) {
        snprintf(name, sizeof(name), "tool-%d", i);
        char *kept = strdup(name);
        assert_int_equal(add(r, "org.example.a", kept, &err), ST_OK);
    }
    assert_int_equal(registry_count(r), 500);
    assert_int_equal(registry_generation(r), 501);
    assert_int_equal(registry_index(r, STR("tool-0")), 0);
    assert_int_equal(registry_index(r, STR("tool-499")), 499);
    assert_int_equal(registry_index(r, STR("tool-500")), -1);
    for (size_t i = 0; i < 500; i++)
        free((char *)registry_at(r, i)->local_name.ptr);
    assert_null(registry_at(r, 500));
    registry_free(r);
}

static void test_collision_is_namespaced(void **state)
{
    (void)state;
    struct registry *r = registry_new();
    struct error err;
    assert_int_equal(add(r, "org.example.a", "echo", &err), ST_OK);
    assert_int_equal(add(r, "org.example.b", "echo", &err), ST_OK);
    assert_int_equal(registry_index(r, STR("echo")), 0);
    assert_int_equal(registry_index(r, STR("org.example.b.echo")), 1);
    assert_true(str_eq(registry_at(r, 1)->local_name, STR("echo")));
    registry_free(r);
}

static void test_refusals(void **state)
{
    (void)state;
    struct registry *r = registry_new();
    struct error err;
    assert_int_equal(add(r, "org.example.a", "", &err), ST_INVALID);
    assert_string_equal(err.text,
                        "tool name \"\" is not 1 to 64 characters of A-Z a-z 0-9 _ . -");
    assert_int_equal(add(r, "org.example.a", "with space", &err), ST_INVALID);
    assert_int_equal(add(r, "org.example.a", "echo", &err), ST_OK);
    assert_int_equal(add(r, "org.example.a", "echo", &err), ST_INVALID);
    assert_string_equal(err.text, "plugin org.example.a registers tool \"echo\" twice");
    const char *long_id = "org.example.a-plugin-with-a-name-that-goes-on-for-quite-a-while";
    assert_int_equal(add(r, long_id, "echo", &err), ST_INVALID);
    assert_non_null(strstr(err.text, "tool \"echo\" is taken by plugin org.example.a and"));
    registry_free(r);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_order_and_lookup),
        cmocka_unit_test(test_collision_is_namespaced),
        cmocka_unit_test(test_refusals),
    };
    cmocka_set_message_output(CM_OUTPUT_TAP);
    return cmocka_run_group_tests(tests, NULL, NULL);
}
