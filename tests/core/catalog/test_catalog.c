/* The catalogue over a real registry and a real hub. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>

#include <cmocka.h>

#include "core/catalog/catalog.h"

struct timer {
    void (*fire)(void *arg);
    void *arg;
};

struct world {
    struct timer timer;
    struct timer_port port;
    struct registry *registry;
    struct changes *changes;
    struct catalog *catalog;
    const struct catalog_service *service;
    const struct publisher *publisher;
    struct change_listener listener;
    char heard[200];
};

static const struct caller alice = {.id = STR_INIT("alice"), .tenant = STR_INIT("local")};
static const struct caller bob = {.id = STR_INIT("bob"), .tenant = STR_INIT("local")};

static struct timer *create(void *ctx, void (*fire)(void *), void *arg)
{
    struct world *w = ctx;
    w->timer = (struct timer){fire, arg};
    return &w->timer;
}

static void set(void *ctx, struct timer *timer, uint64_t delay_ms)
{
    (void)ctx;
    (void)timer;
    (void)delay_ms;
}

static void let_go(void *ctx, struct timer *timer)
{
    (void)ctx;
    timer->fire = NULL;
}

static void changed(void *user, const struct change *change)
{
    struct world *w = user;
    size_t len = strlen(w->heard);
    snprintf(w->heard + len, sizeof(w->heard) - len, "%d:%.*s ", (int)change->kind,
             STR_ARG(change->subject));
}

static int set_up(void **state)
{
    struct world *w = calloc(1, sizeof(*w));
    struct error err;
    assert_non_null(w);
    w->port = (struct timer_port){w, create, set, let_go, let_go};
    w->registry = registry_new();
    assert_int_equal(changes_new(&w->port, &w->changes, &err), ST_OK);
    struct catalog_parts parts = {
        .registry = w->registry, .policy = {.highest_level = TOOL_SAFE}, .changes = w->changes};
    w->catalog = catalog_new(&parts);
    w->service = catalog_service(w->catalog);
    w->publisher = catalog_publisher(w->catalog);
    w->listener = (struct change_listener){.changed = changed, .user = w};
    const struct change_service *changes = changes_service(w->changes);
    changes->listen(changes->ctx, &w->listener);
    *state = w;
    return 0;
}

static int tear_down(void **state)
{
    struct world *w = *state;
    catalog_free(w->catalog);
    changes_free(w->changes);
    registry_free(w->registry);
    free(w);
    return 0;
}

static void expect_changes(struct world *w, const char *heard)
{
    w->timer.fire(w->timer.arg);
    assert_string_equal(w->heard, heard);
    w->heard[0] = '\0';
}

static struct item item_of(enum item_kind kind, const char *name)
{
    return (struct item){.kind = kind,
                         .local_name = str_from(name),
                         .plugin_id = STR("a.b"),
                         .json = STR("{}"),
                         .plugin = 1};
}

static void publish(struct world *w, struct item item)
{
    struct error err;
    struct str name;
    if (w->publisher->publish(w->publisher->ctx, &item, &name, &err))
        fail_msg("%s", err.text);
}

static int withdraw(struct world *w, enum item_kind kind, const char *name, struct error *err)
{
    return w->publisher->withdraw(w->publisher->ctx, 1, kind, str_from(name), err);
}

/* The names that the caller is shown, each with a space behind it. */
static void expect_list(struct world *w, const struct caller *caller, enum item_kind kind,
                        const char *names)
{
    struct call_context context = {.caller = caller};
    char text[200] = "";
    uint64_t at = 0;
    const struct item *item;
    while ((item = w->service->next(w->service->ctx, &context, kind, at))) {
        size_t len = strlen(text);
        assert_true(item->order > at);
        assert_int_equal(item->kind, kind);
        at = item->order;
        snprintf(text + len, sizeof(text) - len, "%.*s ", STR_ARG(item->name));
    }
    assert_string_equal(text, names);
}

static const struct item *find(struct world *w, const struct caller *caller, enum item_kind kind,
                               const char *name)
{
    struct call_context context = {.caller = caller};
    return w->service->find(w->service->ctx, &context, kind, str_from(name));
}

static void test_lists_keep_the_order_and_the_kinds_apart(void **state)
{
    struct world *w = *state;
    publish(w, item_of(ITEM_TOOL, "z"));
    publish(w, item_of(ITEM_PROMPT, "z"));
    publish(w, item_of(ITEM_RESOURCE, "x:z"));
    publish(w, item_of(ITEM_TEMPLATE, "x:{z}"));
    publish(w, item_of(ITEM_TOOL, "a"));
    expect_list(w, &alice, ITEM_TOOL, "z a ");
    expect_list(w, &alice, ITEM_PROMPT, "z ");
    expect_list(w, &alice, ITEM_RESOURCE, "x:z ");
    expect_list(w, &alice, ITEM_TEMPLATE, "x:{z} ");
}

static void test_who_may_not_see_an_item_does_not_list_or_find_it(void **state)
{
    struct world *w = *state;
    struct item hidden = item_of(ITEM_RESOURCE, "x:hidden");
    struct item restricted = item_of(ITEM_RESOURCE, "x:restricted");
    hidden.callers = STR("[\"alice\"]");
    restricted.level = TOOL_RESTRICTED;
    publish(w, hidden);
    publish(w, item_of(ITEM_RESOURCE, "x:open"));
    publish(w, restricted);
    expect_list(w, &alice, ITEM_RESOURCE, "x:hidden x:open ");
    expect_list(w, &bob, ITEM_RESOURCE, "x:open ");
    expect_list(w, NULL, ITEM_RESOURCE, "x:open ");
    assert_non_null(find(w, &alice, ITEM_RESOURCE, "x:hidden"));
    assert_null(find(w, &bob, ITEM_RESOURCE, "x:hidden"));
    assert_null(find(w, &alice, ITEM_RESOURCE, "x:restricted"));
    assert_null(find(w, &alice, ITEM_TOOL, "x:open"));
}

static bool is_same_for_all(struct world *w, enum item_kind kind)
{
    return w->service->is_same_for_all(w->service->ctx, kind);
}

static void test_a_list_with_an_item_for_some_differs_until_it_is_gone(void **state)
{
    struct world *w = *state;
    struct item hidden = item_of(ITEM_TOOL, "hidden");
    struct error err;
    hidden.callers = STR("[\"alice\"]");
    publish(w, item_of(ITEM_TOOL, "open"));
    assert_true(is_same_for_all(w, ITEM_TOOL));
    publish(w, hidden);
    assert_false(is_same_for_all(w, ITEM_TOOL));
    assert_false(is_same_for_all(w, ITEM_TOOL));
    assert_true(is_same_for_all(w, ITEM_PROMPT));
    assert_int_equal(withdraw(w, ITEM_TOOL, "hidden", &err), ST_OK);
    assert_true(is_same_for_all(w, ITEM_TOOL));
}

static void test_published_text_is_copied(void **state)
{
    struct world *w = *state;
    char name[] = "tool", id[] = "a.b", json[] = "{\"n\":1}", callers[] = "[\"alice\"]";
    struct item item = {.local_name = str_from(name),
                        .plugin_id = str_from(id),
                        .json = str_from(json),
                        .callers = str_from(callers)};
    publish(w, item);
    memset(name, '#', sizeof(name));
    memset(id, '#', sizeof(id));
    memset(json, '#', sizeof(json));
    memset(callers, '#', sizeof(callers));
    const struct item *found = find(w, &alice, ITEM_TOOL, "tool");
    assert_non_null(found);
    assert_true(str_eq(found->local_name, STR("tool")));
    assert_true(str_eq(found->plugin_id, STR("a.b")));
    assert_true(str_eq(found->json, STR("{\"n\":1}")));
    assert_true(str_eq(found->callers, STR("[\"alice\"]")));
}

static void test_generations_rise_with_each_change_of_their_list(void **state)
{
    struct world *w = *state;
    struct error err;
    const uint64_t before = w->service->generation(w->service->ctx, ITEM_PROMPT);
    assert_true(before >= 1);
    publish(w, item_of(ITEM_PROMPT, "p"));
    const uint64_t published = w->service->generation(w->service->ctx, ITEM_PROMPT);
    assert_true(published > before);
    publish(w, item_of(ITEM_TOOL, "p"));
    assert_int_equal(w->service->generation(w->service->ctx, ITEM_PROMPT), published);
    assert_int_equal(withdraw(w, ITEM_PROMPT, "p", &err), ST_OK);
    assert_true(w->service->generation(w->service->ctx, ITEM_PROMPT) > published);
}

static void test_changes_of_lists_are_told(void **state)
{
    struct world *w = *state;
    struct error err;
    publish(w, item_of(ITEM_TOOL, "t"));
    expect_changes(w, "0: ");
    publish(w, item_of(ITEM_PROMPT, "p"));
    expect_changes(w, "1: ");
    publish(w, item_of(ITEM_RESOURCE, "x:r"));
    publish(w, item_of(ITEM_TEMPLATE, "x:{r}"));
    expect_changes(w, "2: ");
    assert_int_equal(withdraw(w, ITEM_TOOL, "t", &err), ST_OK);
    expect_changes(w, "0: ");
    assert_int_equal(withdraw(w, ITEM_PROMPT, "p", &err), ST_OK);
    expect_changes(w, "1: ");
    assert_int_equal(withdraw(w, ITEM_TEMPLATE, "x:{r}", &err), ST_OK);
    expect_changes(w, "2: ");
}

static void test_what_fails_is_not_told(void **state)
{
    struct world *w = *state;
    struct error err;
    struct str name;
    struct item bad = item_of(ITEM_TOOL, "no name");
    assert_int_equal(w->publisher->publish(w->publisher->ctx, &bad, &name, &err), ST_INVALID);
    assert_string_equal(err.text,
                        "tool name \"no name\" is not 1 to 64 characters of A-Z a-z 0-9 _ . -");
    assert_int_equal(withdraw(w, ITEM_PROMPT, "p", &err), ST_NOT_FOUND);
    assert_string_equal(err.text, "the plugin has no prompt \"p\"");
    expect_changes(w, "");
}

static void test_single_changes_name_their_subject(void **state)
{
    struct world *w = *state;
    w->publisher->resource_updated(w->publisher->ctx, 1, STR("x:r"));
    assert_string_equal(w->heard, "3:x:r ");
    w->publisher->elicitation_complete(w->publisher->ctx, 1, STR("e-1"));
    assert_string_equal(w->heard, "3:x:r 5:e-1 ");
}

static void test_a_plugin_withdraws_its_own_alone(void **state)
{
    struct world *w = *state;
    struct item other = item_of(ITEM_TOOL, "t");
    struct error err;
    other.plugin_id = STR("c.d");
    other.plugin = 2;
    publish(w, other);
    assert_int_equal(withdraw(w, ITEM_TOOL, "t", &err), ST_NOT_FOUND);
    publish(w, item_of(ITEM_TOOL, "t"));
    expect_list(w, &alice, ITEM_TOOL, "t a.b.t ");
    assert_int_equal(withdraw(w, ITEM_TOOL, "t", &err), ST_OK);
    expect_list(w, &alice, ITEM_TOOL, "t ");
}

#define TEST(name) cmocka_unit_test_setup_teardown(name, set_up, tear_down)

int main(void)
{
    const struct CMUnitTest tests[] = {
        TEST(test_lists_keep_the_order_and_the_kinds_apart),
        TEST(test_who_may_not_see_an_item_does_not_list_or_find_it),
        TEST(test_a_list_with_an_item_for_some_differs_until_it_is_gone),
        TEST(test_published_text_is_copied),
        TEST(test_generations_rise_with_each_change_of_their_list),
        TEST(test_changes_of_lists_are_told),
        TEST(test_what_fails_is_not_told),
        TEST(test_single_changes_name_their_subject),
        TEST(test_a_plugin_withdraws_its_own_alone),
    };
    cmocka_set_message_output(CM_OUTPUT_TAP);
    return cmocka_run_group_tests(tests, NULL, NULL);
}
