#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdio.h>
#include <stdlib.h>

#include <cmocka.h>

#include "core/registry/registry.h"

/* The number of a plugin, by the last letter of its id. */
static uint32_t number(const char *plugin)
{
    return (uint32_t)plugin[strlen(plugin) - 1];
}

static struct item tool(const char *plugin, const char *name)
{
    return (struct item){
        .local_name = str_from(name), .plugin_id = str_from(plugin), .plugin = number(plugin)};
}

static int add(struct registry *r, const char *plugin, const char *name, struct error *err)
{
    struct item t = tool(plugin, name);
    return registry_add(r, &t, err);
}

static const struct item *find(const struct registry *r, const char *name)
{
    return registry_find(r, ITEM_TOOL, str_from(name));
}

static void test_order_and_lookup(void **state)
{
    (void)state;
    struct registry *r = registry_new();
    struct error err;
    char names[500][16];
    for (int i = 0; i < 500; i++) {
        snprintf(names[i], sizeof(names[i]), "tool-%d", i);
        assert_int_equal(add(r, "org.example.a", names[i], &err), ST_OK);
    }
    assert_int_equal(registry_count(r, ITEM_TOOL), 500);
    assert_int_equal(registry_generation(r, ITEM_TOOL), 501);
    assert_int_equal(registry_generation(r, ITEM_PROMPT), 1);
    assert_null(find(r, "tool-500"));
    const struct item *item = NULL;
    for (int i = 0; i < 500; i++) {
        item = registry_next(r, ITEM_TOOL, item ? item->order : 0);
        assert_ptr_equal(item, find(r, names[i]));
        assert_true(str_eq(item->name, str_from(names[i])));
    }
    assert_null(registry_next(r, ITEM_TOOL, item->order));
    registry_free(r);
}

static void test_collision_is_namespaced(void **state)
{
    (void)state;
    struct registry *r = registry_new();
    struct error err;
    assert_int_equal(add(r, "org.example.a", "echo", &err), ST_OK);
    assert_int_equal(add(r, "org.example.b", "echo", &err), ST_OK);
    assert_int_equal(find(r, "echo")->plugin, 'a');
    const struct item *second = find(r, "org.example.b.echo");
    assert_int_equal(second->plugin, 'b');
    assert_true(str_eq(second->local_name, STR("echo")));
    assert_int_equal(add(r, "org.example.b", "echo", &err), ST_INVALID);
    registry_free(r);
}

static void test_uris_are_not_namespaced(void **state)
{
    (void)state;
    struct registry *r = registry_new();
    struct error err;
    struct item one = tool("org.example.a", "file:///x"), two = tool("org.example.b", "file:///x");
    one.kind = two.kind = ITEM_RESOURCE;
    assert_int_equal(registry_add(r, &one, &err), ST_OK);
    assert_int_equal(registry_add(r, &two, &err), ST_INVALID);
    assert_string_equal(err.text, "resource \"file:///x\" is taken by plugin org.example.a; leave "
                                  "one of them out");
    assert_null(find(r, "file:///x"));
    registry_free(r);
}

static int freed;

static void count_freed(void *state)
{
    assert_ptr_equal(state, &freed);
    freed++;
}

static void test_removal(void **state)
{
    (void)state;
    struct registry *r = registry_new();
    struct error err;
    registry_on_free(r, count_freed);
    add(r, "org.example.a", "one", &err);
    add(r, "org.example.a", "two", &err);
    add(r, "org.example.b", "two", &err);
    add(r, "org.example.a", "three", &err);
    uint64_t generation = registry_generation(r, ITEM_TOOL);
    const struct item *two = find(r, "two");
    uint64_t place = two->order;
    *registry_state(two) = &freed;
    registry_ref(two);
    assert_int_equal(registry_remove(r, 'a', ITEM_TOOL, STR("two"), &err), ST_OK);
    assert_int_equal(registry_generation(r, ITEM_TOOL), generation + 1);
    assert_null(find(r, "two"));
    /* Held, it is still there; the place behind it still leads on. */
    assert_true(str_eq(two->name, STR("two")));
    assert_int_equal(registry_next(r, ITEM_TOOL, place)->plugin, 'b');
    assert_int_equal(freed, 0);
    registry_unref(two);
    assert_int_equal(freed, 1);
    /* A tool goes by its own name, whatever it is published as. */
    assert_int_equal(registry_remove(r, 'b', ITEM_TOOL, STR("two"), &err), ST_OK);
    assert_null(find(r, "org.example.b.two"));
    assert_int_equal(registry_remove(r, 'b', ITEM_TOOL, STR("one"), &err), ST_NOT_FOUND);
    assert_string_equal(err.text, "the plugin has no tool \"one\"");
    assert_int_equal(registry_count(r, ITEM_TOOL), 2);
    registry_free(r);
}

static void test_copies(void **state)
{
    (void)state;
    struct registry *r = registry_new();
    struct error err;
    char name[] = "echo", id[] = "org.example.a", json[] = "{}", callers[] = "[]";
    struct item item = tool(id, name);
    item.json = str_from(json);
    item.callers = str_from(callers);
    assert_int_equal(registry_add_copy(r, &item, &err), ST_OK);
    memset(name, 'x', 4);
    memset(id, 'x', 4);
    memset(json, 'x', 2);
    memset(callers, 'x', 2);
    const struct item *kept = find(r, "echo");
    assert_true(str_eq(kept->local_name, STR("echo")));
    assert_true(str_eq(kept->plugin_id, STR("org.example.a")));
    assert_true(str_eq(kept->json, STR("{}")));
    assert_true(str_eq(kept->callers, STR("[]")));
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

/* Its name is free again, but the plugin has published it under the long one. */
static void test_a_namespaced_item_is_not_published_twice(void **state)
{
    (void)state;
    struct registry *r = registry_new();
    struct error err;
    assert_int_equal(add(r, "org.a", "x", &err), ST_OK);
    assert_int_equal(add(r, "org.b", "x", &err), ST_OK);
    assert_int_equal(registry_remove(r, number("org.a"), ITEM_TOOL, STR("x"), &err), ST_OK);
    assert_int_equal(add(r, "org.b", "x", &err), ST_INVALID);
    assert_string_equal(err.text, "plugin org.b registers tool \"x\" twice");
    assert_int_equal(add(r, "org.a", "x", &err), ST_OK);
    assert_int_equal(registry_count(r, ITEM_TOOL), 2);
    registry_free(r);
}

static void test_removal_goes_by_the_local_name(void **state)
{
    (void)state;
    struct registry *r = registry_new();
    struct error err;
    assert_int_equal(add(r, "org.a", "x", &err), ST_OK);
    assert_int_equal(add(r, "org.b", "x", &err), ST_OK);
    assert_int_equal(registry_remove(r, number("org.b"), ITEM_TOOL, STR("org.b.x"), &err),
                     ST_NOT_FOUND);
    assert_string_equal(err.text, "the plugin has no tool \"org.b.x\"");
    assert_int_equal(registry_count(r, ITEM_TOOL), 2);
    registry_free(r);
}

struct filling {
    struct registry *registry;
    int times;
};

static void fill(void *ctx)
{
    struct filling *f = ctx;
    struct error err;
    f->times++;
    assert_int_equal(add(f->registry, "org.a", "x", &err), ST_OK);
}

static void test_it_is_filled_once_and_first(void **state)
{
    (void)state;
    struct filling f = {.registry = registry_new()};
    struct error err;
    registry_fill_later(f.registry, fill, &f);
    assert_int_equal(f.times, 0);
    assert_int_equal(add(f.registry, "org.b", "x", &err), ST_OK);
    assert_int_equal(f.times, 1);
    assert_non_null(find(f.registry, "org.b.x"));
    assert_int_equal(registry_count(f.registry, ITEM_TOOL), 2);
    assert_int_equal(f.times, 1);
    registry_free(f.registry);
    f = (struct filling){.registry = registry_new()};
    registry_fill_later(f.registry, fill, &f);
    assert_int_equal(registry_generation(f.registry, ITEM_TOOL), 2);
    registry_fill_later(f.registry, fill, &f);
    registry_free(f.registry); /* never asked for anything more */
    assert_int_equal(f.times, 1);
}

static void test_other_names(void **state)
{
    (void)state;
    struct registry *r = registry_new();
    struct error err;
    struct item first = tool("org.a", "new"), second = tool("org.b", "newer");
    first.aliases = STR("[\"old\",\"o\\u006cder\",\"x\"]");
    second.aliases = STR("[\"old\",\"oldest\"]");
    assert_int_equal(registry_add(r, &first, &err), ST_OK);
    assert_int_equal(registry_add_copy(r, &second, &err), ST_OK);
    assert_ptr_equal(find(r, "old"), find(r, "new")); /* the first that has it */
    assert_ptr_equal(find(r, "older"), find(r, "new"));
    assert_ptr_equal(find(r, "oldest"), find(r, "newer"));
    assert_true(str_eq(find(r, "oldest")->name, STR("newer")));
    assert_null(find(r, "ol"));
    assert_int_equal(registry_count(r, ITEM_TOOL), 2); /* they are not listed */
    assert_int_equal(add(r, "org.c", "x", &err), ST_OK);
    assert_true(str_eq(find(r, "x")->plugin_id, STR("org.c"))); /* a real name goes before */
    assert_int_equal(registry_remove(r, number("org.a"), ITEM_TOOL, STR("new"), &err), ST_OK);
    assert_ptr_equal(find(r, "old"), find(r, "newer"));
    assert_null(registry_find(r, ITEM_PROMPT, STR("old")));
    registry_free(r);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_order_and_lookup),
        cmocka_unit_test(test_collision_is_namespaced),
        cmocka_unit_test(test_uris_are_not_namespaced),
        cmocka_unit_test(test_removal),
        cmocka_unit_test(test_a_namespaced_item_is_not_published_twice),
        cmocka_unit_test(test_removal_goes_by_the_local_name),
        cmocka_unit_test(test_copies),
        cmocka_unit_test(test_refusals),
        cmocka_unit_test(test_it_is_filled_once_and_first),
        cmocka_unit_test(test_other_names),
    };
    cmocka_set_message_output(CM_OUTPUT_TAP);
    return cmocka_run_group_tests(tests, NULL, NULL);
}
