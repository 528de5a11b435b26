/* Values in their places: versions, ends, quotas, and who sees what. */
#include "tests/core/state/fixture.h"

#define USAGE STR("\x01usage")

static void spaces_are_named_by_their_place(void **test)
{
    static const struct {
        struct state_place place;
        const char *space;
    } cases[] = {
        {{STATE_GLOBAL, STR_INIT("acme"), STR_INIT("x"), {0}, {0}}, "state/acme/global"},
        {{STATE_USER, STR_INIT("acme"), STR_INIT("a/b"), {0}, {0}}, "state/acme/user/a%2Fb"},
        {{STATE_SESSION, STR_INIT("acme"), STR_INIT("alice"), {0}, STR_INIT("s 1")},
         "state/acme/session/alice/s%201"},
        {{STATE_COMPONENT, STR_INIT("acme"), STR_INIT("alice"), STR_INIT("agent"), STR_INIT("r")},
         "state/acme/component/alice/agent/r"},
    };
    struct buffer out = BUFFER_INIT;
    struct error err;
    (void)test;
    for (size_t i = 0; i < 4; i++) {
        buffer_clear(&out);
        assert_int_equal(state_space(&cases[i].place, &out, &err), ST_OK);
        assert_true(str_eq(buffer_str(&out), str_from(cases[i].space)));
    }
    buffer_clear(&out);
    struct state_place none = {STATE_WORKFLOW, STR_INIT("acme"), STR_INIT("alice"), {0}, {0}};
    assert_int_equal(state_space(&none, &out, &err), ST_INVALID);
    assert_string_equal(err.text, "state of the scope workflow needs an id");
    buffer_clear(&out);
}

static void a_value_is_kept(void **test)
{
    (void)test;
    get(GLOBAL, "theme");
    assert_string_equal(told, "-4 there is no \"theme\" in the state of this tenant");
    set(GLOBAL, "theme", "{\"dark\": true,\n\"n\":9007199254740993}");
    assert_string_equal(told, "v1");
    assert_true(str_eq(fake_kv_value(&kv, STR("state/acme/global"), STR("theme")),
                       STR("{\"class\":\"standard\",\"schema\":1,\"at\":1000000,\"expires\":0}\n"
                           "{\"dark\": true,\n\"n\":9007199254740993}")));
    get(GLOBAL, "theme");
    assert_string_equal(told, "{\"dark\": true,\n\"n\":9007199254740993} v1 standard schema 1 "
                              "at 1000000 expires 0");
    wall = 1000500;
    set_with(GLOBAL, "theme", "7", (struct state_change){.value_class = STATE_TRUSTED, .schema = 3});
    get(GLOBAL, "theme");
    assert_string_equal(told, "7 v3 trusted schema 3 at 1000500 expires 0");
    set(GLOBAL, "theme", "8");
    get(GLOBAL, "theme");
    assert_string_equal(told, "8 v5 standard schema 3 at 1000500 expires 0");
    erase(GLOBAL, "theme");
    assert_string_equal(told, "v7 removed");
    erase(GLOBAL, "theme");
    assert_string_equal(told, "v0");
    get(GLOBAL, "theme");
    assert_string_equal(told, "-4 there is no \"theme\" in the state of this tenant");
}

static void nobody_sees_another_place(void **test)
{
    (void)test;
    set(ALICE, "k", "1");
    get(BOB, "k");
    assert_string_equal(told, "-4 there is no \"k\" in the state of this session");
    get(GLOBAL, "k");
    assert_string_equal(told, "-4 there is no \"k\" in the state of this tenant");
    set(BOB, "k", "2");
    clear(BOB, "");
    assert_string_equal(told, "1 removed");
    get(ALICE, "k");
    assert_string_equal(told, "1 v1 standard schema 1 at 1000000 expires 0");
}

static void keys_are_checked(void **test)
{
    char key[STATE_KEY_MAX + 2];
    (void)test;
    memset(key, 'k', STATE_KEY_MAX + 1);
    key[STATE_KEY_MAX + 1] = '\0';
    set(GLOBAL, "", "1");
    assert_string_equal(told, "-3 a key of state cannot be empty");
    set(GLOBAL, key, "1");
    assert_string_equal(told, "-3 a key of state has at most 400 bytes, this one 401");
    set(GLOBAL, "\x01usage", "1");
    assert_string_equal(told, "-3 a key of state has no control characters");
    set(GLOBAL, key + 1, "1");
    assert_string_equal(told, "v1");
    get(GLOBAL, "\x01usage");
    assert_string_equal(told, "-3 a key of state has no control characters");
}

static void a_change_can_ask_for_a_version(void **test)
{
    (void)test;
    const struct state_change is_new = {.value_class = STATE_STANDARD, .if_version = true};
    set_with(ALICE, "k", "1", is_new);
    assert_string_equal(told, "v1");
    set_with(ALICE, "k", "2", is_new);
    assert_string_equal(told, "conflict v1");
    set_with(ALICE, "k", "2", (struct state_change){.value_class = STATE_STANDARD,
                                                    .if_version = true, .version = 1});
    assert_string_equal(told, "v3");
    set_with(ALICE, "k", NULL,
             (struct state_change){.remove = true, .if_version = true, .version = 1});
    assert_string_equal(told, "conflict v3");
    set_with(ALICE, "k", NULL,
             (struct state_change){.remove = true, .if_version = true, .version = 3});
    assert_string_equal(told, "v5 removed");
}

static int comings;

static void other_process(void *arg)
{
    (void)arg;
    if (comings-- > 0) {
        kv.between = NULL;
        struct state *other = state_new(&parts);
        struct state *mine = state;
        state = other;
        char before[sizeof(told)];
        memcpy(before, told, sizeof(told));
        set(ALICE, "other", "1");
        memcpy(told, before, sizeof(told));
        state_free(other);
        state = mine;
        kv.between = other_process;
    }
}

static void others_may_come_between(void **test)
{
    (void)test;
    comings = 3;
    kv.between = other_process;
    set(ALICE, "k", "1");
    assert_string_equal(told, "v7");
    kv.between = NULL;
    usage(ALICE);
    assert_string_equal(told, "122 of 100000 bytes, 2 of 100 keys");
    assert_true(str_eq(fake_kv_value(&kv, STR("state/acme/session/alice/s1"), USAGE),
                       STR("{\"bytes\":122,\"keys\":2}")));
    comings = 1000;
    kv.between = other_process;
    set(ALICE, "k", "1");
    assert_string_equal(told,
                        "-9 other processes change this state all the time; try again later");
}

static void values_end(void **test)
{
    (void)test;
    set_with(ALICE, "k", "1", (struct state_change){.value_class = STATE_STANDARD, .ttl_ms = 500});
    get(ALICE, "k");
    assert_string_equal(told, "1 v1 standard schema 1 at 1000000 expires 1000500");
    kv.now_ms += 500;
    get(ALICE, "k");
    assert_string_equal(told, "-4 there is no \"k\" in the state of this session");
}

static void quotas_hold(void **test)
{
    (void)test;
    parts.max_keys = 2;
    parts.max_bytes = 300;
    again();
    set_with(ALICE, "a", "1", (struct state_change){.value_class = STATE_STANDARD, .ttl_ms = 500});
    set(ALICE, "b", "2");
    set(ALICE, "c", "3");
    assert_string_equal(told,
                        "-11 state of this session may take 300 bytes in 2 keys, has 124 in 2, and "
                        "would take more; remove some of it, or raise state.max_bytes or "
                        "state.max_keys");
    set(ALICE, "b", "4");
    assert_string_equal(told, "v5");
    kv.now_ms += 500;
    set(ALICE, "c", "3");
    assert_string_equal(told, "v7");
    usage(ALICE);
    assert_string_equal(told, "118 of 300 bytes, 2 of 2 keys");
    char big[300];
    memset(big, '1', sizeof(big) - 1);
    big[sizeof(big) - 1] = '\0';
    set(ALICE, "c", big);
    assert_memory_equal(told, "-11 ", 4);
    set(BOB, "c", "1");
    assert_memory_equal(told, "v", 1);
    erase(ALICE, "b");
    usage(ALICE);
    assert_string_equal(told, "59 of 300 bytes, 1 of 2 keys");
}

static void too_large_values_are_refused(void **test)
{
    char *text = malloc(STATE_VALUE_MAX + 2);
    (void)test;
    assert_non_null(text);
    memset(text, '1', STATE_VALUE_MAX + 1);
    text[STATE_VALUE_MAX + 1] = '\0';
    set(ALICE, "k", text);
    free(text);
    assert_string_equal(told, "-11 a value of state has at most 10485760 bytes, this one 10485761");
}

static void lists_come_in_pages(void **test)
{
    (void)test;
    set(ALICE, "b/2", "2");
    set(ALICE, "b/1", "{\"x\":[1,{\"y\":\"z\"}]}");
    set(ALICE, "a", "0");
    set(ALICE, "c", "null");
    list(ALICE, (struct state_query){.limit = 10});
    assert_string_equal(told, "a b/1 b/2 c next \"\"");
    list(ALICE, (struct state_query){.limit = 2, .values = true});
    assert_string_equal(told, "a=0 b/1={\"x\":[1,{\"y\":\"z\"}]} next \"b/1\"");
    list(ALICE, (struct state_query){.limit = 2, .values = true, .after = STR("b/1")});
    assert_string_equal(told, "b/2=2 c=null next \"\"");
    list(ALICE, (struct state_query){.limit = 10, .prefix = STR("b/")});
    assert_string_equal(told, "b/1 b/2 next \"\"");
    list(ALICE, (struct state_query){.limit = 1001});
    assert_string_equal(told, "-3 a page of state has 1 to 1000 entries");
}

static void large_values_are_in_lists(void **test)
{
    char *text = malloc(70001);
    (void)test;
    assert_non_null(text);
    memset(text, '7', 70000);
    text[70000] = '\0';
    set(ALICE, "big", text);
    set(ALICE, "small", "1");
    list(ALICE, (struct state_query){.limit = 10, .values = true, .search = true, .by_value = true,
                                     .pattern = STR("s*")});
    assert_string_equal(told, "small=1 next \"\"");
    kv.gets = 0;
    list(ALICE, (struct state_query){.limit = 10, .search = true, .by_value = true});
    assert_string_equal(told, "big small next \"\"");
    assert_int_equal(kv.gets, 1);
    kv.fail_after = 1;
    list(ALICE, (struct state_query){.limit = 10, .values = true});
    assert_string_equal(told, "-10 the store is away");
    free(text);
}

static void found(const char *pattern, const char *pointer, const char *equals)
{
    struct json_doc *doc = NULL;
    if (equals)
        assert_int_equal(json_parse(str_from(equals), &doc, NULL), ST_OK);
    list(ALICE, (struct state_query){.limit = 2, .search = true, .pattern = str_from(pattern),
                                     .by_value = pointer != NULL, .pointer = str_from(pointer),
                                     .equals = doc ? json_root(doc) : json_none()});
    json_free(doc);
}

static void searches_look_at_keys_and_values(void **test)
{
    (void)test;
    set(ALICE, "user/1", "{\"name\":\"Ann\",\"tags\":[\"x\",\"y\"],\"a/b\":{\"~\":1}}");
    set(ALICE, "user/2", "{\"name\":\"Bob\",\"tags\":[]}");
    set(ALICE, "user/\xc3\xa4", "{\"name\":\"Ann\"}");
    set(ALICE, "x", "5");
    found("user/?", NULL, NULL);
    assert_string_equal(told, "user/1 user/2 next \"user/2\"");
    found("*/\?", "/name", "\"\\u0041nn\"");
    assert_string_equal(told, "user/1 user/\xc3\xa4 next \"user/\xc3\xa4\"");
    found("", "/tags/1", "\"y\"");
    assert_string_equal(told, "user/1 next \"\"");
    found("", "/tags/01", NULL);
    assert_string_equal(told, "next \"\"");
    found("", "/a~1b/~0", "1.0");
    assert_string_equal(told, "user/1 next \"\"");
    found("", "", "5");
    assert_string_equal(told, "x next \"\"");
    found("u*r*2*", NULL, NULL);
    assert_string_equal(told, "user/2 next \"\"");
    found("", "name", NULL);
    assert_string_equal(told, "-3 \"name\" is no JSON Pointer: it is empty or begins with \"/\"");
}

static void ephemeral_values_are_never_stored(void **test)
{
    (void)test;
    const struct state_change e = {.value_class = STATE_EPHEMERAL, .ttl_ms = 500};
    set_with(ALICE, "k", "{\"password\":\"hunter2\"}", e);
    assert_string_equal(told, "v1");
    assert_int_equal(fake_kv_count(&kv, (struct str){0}), 0);
    get(ALICE, "k");
    assert_string_equal(told, "{\"password\":\"hunter2\"} v1 ephemeral schema 1 at 1000000 "
                              "expires 1000500");
    get(BOB, "k");
    assert_memory_equal(told, "-4", 2);
    set_with(ALICE, "l", "2", e);
    list(ALICE, (struct state_query){.limit = 1, .ephemeral = true, .values = true});
    assert_string_equal(told, "k={\"password\":\"hunter2\"} next \"k\"");
    list(ALICE, (struct state_query){.limit = 1, .ephemeral = true, .after = STR("k")});
    assert_string_equal(told, "l next \"\"");
    set_with(ALICE, "k", NULL, (struct state_change){.remove = true, .if_version = true});
    assert_string_equal(told, "conflict v1");
    erase(ALICE, "k");
    assert_string_equal(told, "v1 removed");
    wall += 500;
    get(ALICE, "l");
    assert_memory_equal(told, "-4", 2);
    parts.max_keys = 1;
    again();
    set_with(ALICE, "a", "1", e);
    set_with(BOB, "b", "1", e);
    assert_string_equal(told, "-11 ephemeral state may take 100000 bytes in 1 keys and would take "
                              "more; remove some of it, or raise state.max_bytes or state.max_keys");
    wall += 500;
    set_with(BOB, "b", "1", e);
    assert_string_equal(told, "v2");
    set(BOB, "b", "2");
    get(BOB, "b");
    assert_string_equal(told, "2 v1 standard schema 1 at 1001000 expires 0");
    clear(BOB, "");
    assert_string_equal(told, "1 removed");
}

static void changes_wait_for_their_turn(void **test)
{
    (void)test;
    kv.hold = true;
    set(ALICE, "k", "1");
    set(ALICE, "k", "2");
    set(BOB, "k", "3");
    get(ALICE, "k");
    assert_int_equal(fake_kv_release(&kv), 3); /* the usage of both places, and the value */
    assert_string_equal(told, "-4 there is no \"k\" in the state of this session");
    kv.hold = false;
    fake_kv_release(&kv);
    assert_int_equal(dones, 4);
    get(ALICE, "k");
    assert_memory_equal(told, "2 ", 2);
    kv.hold = true;
    set(ALICE, "k", "4");
    set(ALICE, "k", "5");
    state_free(state);
    state = NULL;
    dones = 0;
    kv.hold = false;
    fake_kv_release(&kv);
    assert_int_equal(dones, 0);
}

static void failures_of_the_store_are_told(void **test)
{
    (void)test;
    for (int i = 0; i < 4; i++) {
        kv.fail_after = i;
        set(ALICE, "k", "1");
        assert_string_equal(told, "-10 the store is away");
    }
    kv.fail_after = -1;
    set(ALICE, "k", "1");
    assert_string_equal(told, "v1");
    kv.fail_after = 0;
    clear(ALICE, "");
    assert_string_equal(told, "-10 the store is away");
    kv.fail_after = 0;
    list(ALICE, (struct state_query){.limit = 1});
    assert_string_equal(told, "-10 the store is away");
    kv.fail_after = 0;
    usage(ALICE);
    assert_string_equal(told, "-10 the store is away");
}

static void a_lost_answer_is_no_lost_count(void **test)
{
    (void)test;
    kv.fail_after = 3;
    kv.fail_done = true;
    set(ALICE, "k", "1");
    assert_string_equal(told, "-10 the store is away");
    set(ALICE, "k", "1");
    assert_string_equal(told, "v3");
    assert_true(str_eq(fake_kv_value(&kv, STR("state/acme/session/alice/s1"), USAGE),
                       STR("{\"bytes\":59,\"keys\":1}")));
}

static void damaged_values_are_named(void **test)
{
    (void)test;
    fake_kv_put(&kv, STR("state/acme/global"), STR("k"), STR("rubbish"));
    get(GLOBAL, "k");
    assert_string_equal(told, "-12 \"k\": the stored value is no state that this version of hexmcp "
                              "can read");
    set(GLOBAL, "k", "1");
    get(GLOBAL, "k");
    assert_memory_equal(told, "1 v", 3);
}

int main(void)
{
#define TEST(name) cmocka_unit_test_setup_teardown(name, set_up, tear_down)
    const struct CMUnitTest tests[] = {
        TEST(spaces_are_named_by_their_place),
        TEST(a_value_is_kept),
        TEST(nobody_sees_another_place),
        TEST(keys_are_checked),
        TEST(a_change_can_ask_for_a_version),
        TEST(others_may_come_between),
        TEST(values_end),
        TEST(quotas_hold),
        TEST(too_large_values_are_refused),
        TEST(lists_come_in_pages),
        TEST(large_values_are_in_lists),
        TEST(searches_look_at_keys_and_values),
        TEST(ephemeral_values_are_never_stored),
        TEST(changes_wait_for_their_turn),
        TEST(failures_of_the_store_are_told),
        TEST(a_lost_answer_is_no_lost_count),
        TEST(damaged_values_are_named),
    };
    cmocka_set_message_output(CM_OUTPUT_TAP);
    return cmocka_run_group_tests(tests, NULL, NULL);
}
