/* What a value may hold, by its class and the policy; who hears of changes. */
#include "tests/core/state/fixture.h"

#define SECRET "{\"db\":{\"password\":\"hunter2\"},\"n\":1}"
#define RANDOM "\"key qT7xZ0pLw9VbN3mKc5RfY8sD2hJ\""

static void classed(enum state_class value_class, const char *json)
{
    set_with(ALICE, "k", json, (struct state_change){.value_class = value_class});
}

static void secrets_are_refused(void **test)
{
    (void)test;
    classed(STATE_STANDARD, SECRET);
    assert_string_equal(told, "-6 the value of \"k\" holds a secret by its name at /db/password, which "
                              "is not kept in clear; name secrets by their handles, "
                              "{{secret:NAME}}, or see the setting state.secrets");
    assert_int_equal(fake_kv_count(&kv, (struct str){0}), 0);
    classed(STATE_STANDARD, "{\"password\":\"{{secret:DB}}\"}");
    assert_string_equal(told, "v1");
    classed(STATE_STANDARD, RANDOM);
    assert_string_equal(told, "v3");
    classed(STATE_EXTERNAL, RANDOM);
    assert_memory_equal(told, "-6 the value of \"k\" holds a text that looks like a key, which", 60);
    classed(STATE_TRUSTED, SECRET);
    assert_string_equal(told, "v5");
    classed(STATE_SENSITIVE, "1");
    assert_string_equal(told, "-6 values of the class sensitive are kept encrypted, and no key is "
                              "configured; name one in encryption.keys");
    set(ALICE, "AKIA" "ABCDEFGHIJKLMNOP", "1");
    assert_string_equal(told, "-6 the key holds an AWS access key id; keys are never encrypted");
}

static void secrets_are_redacted(void **test)
{
    (void)test;
    parts.secrets = STATE_SECRETS_REDACT;
    again();
    classed(STATE_STANDARD, SECRET);
    assert_string_equal(told, "v1 redacted 1");
    get(ALICE, "k");
    assert_string_equal(told, "{\"db\":{\"password\":\"[REDACTED]\"},\"n\":1} v1 standard schema 1 "
                              "at 1000000 expires 0");
}

static void secrets_are_encrypted(void **test)
{
    (void)test;
    parts.secrets = STATE_SECRETS_ENCRYPT;
    again();
    classed(STATE_STANDARD, SECRET);
    assert_string_equal(told, "-6 the value of \"k\" holds a secret by its name at /db/password, which "
                              "is not kept in clear, and no key is configured; name secrets by "
                              "their handles, {{secret:NAME}}, or see the setting state.secrets");
    parts.sealing = &sealed.port;
    again();
    classed(STATE_STANDARD, SECRET);
    assert_string_equal(told, "v1 sealed");
    classed(STATE_STANDARD, "1");
    assert_string_equal(told, "v1");
    assert_int_equal(sealed.applies, 1);
    assert_int_equal(kv.applies, 1);
}

static void sensitive_values_are_encrypted(void **test)
{
    (void)test;
    parts.sealing = &sealed.port;
    again();
    classed(STATE_SENSITIVE, SECRET);
    assert_string_equal(told, "v1 sealed");
    assert_int_equal(fake_kv_count(&kv, (struct str){0}), 0);
}

static char seen_text[2000];
static int seens;

static void seen(void *arg, const struct error *err, const struct state_seen *s)
{
    (void)arg;
    assert_null(err);
    seens++;
    snprintf(seen_text, sizeof(seen_text), "%llu %s%.*s", (unsigned long long)s->sequence,
             s->missed ? "missed " : "", STR_ARG(s->changes));
}

static uint64_t watch(const struct state_place *place, const char *prefix, uint64_t after)
{
    uint64_t id;
    const struct state_watch w = {str_from(prefix), after};
    seen_text[0] = '\0';
    seens = 0;
    state_watch(state, place, &w, seen, NULL, &id);
    return id;
}

static void changes_are_told(void **test)
{
    (void)test;
    assert_int_not_equal(watch(ALICE, "a", 0), 0);
    set(BOB, "a", "1");
    set(ALICE, "b", "1");
    assert_int_equal(seens, 0);
    set(ALICE, "ab", "1");
    assert_string_equal(seen_text,
                        "4 [{\"sequence\":4,\"tenant\":\"acme\",\"caller\":\"alice\","
                        "\"scope\":\"session\",\"id\":\"s1\",\"key\":\"ab\",\"version\":5,"
                        "\"change\":\"set\"}]");
    erase(ALICE, "ab");
    clear(ALICE, "");
    assert_int_equal(seens, 1);
    assert_int_equal(watch(ALICE, "ab", 4), 0);
    assert_string_equal(seen_text,
                        "6 [{\"sequence\":5,\"tenant\":\"acme\",\"caller\":\"alice\","
                        "\"scope\":\"session\",\"id\":\"s1\",\"key\":\"ab\",\"version\":7,"
                        "\"change\":\"removed\"},{\"sequence\":6,\"tenant\":\"acme\","
                        "\"caller\":\"alice\",\"scope\":\"session\",\"id\":\"s1\",\"key\":\"\","
                        "\"version\":0,\"change\":\"cleared\"}]");
    uint64_t id = watch(ALICE, "ab", 6);
    assert_int_equal(seens, 0);
    state_unwatch(state, id);
    assert_string_equal(seen_text, "6 []");
    published[0] = '\0';
    set(GLOBAL, "g", "1");
    assert_string_equal(published,
                        "state.global.changed {\"sequence\":7,\"tenant\":\"acme\","
                        "\"scope\":\"global\",\"key\":\"g\",\"version\":11,\"change\":\"set\"}\n");
}

static void what_is_too_old_is_missed(void **test)
{
    (void)test;
    for (int i = 0; i < 1030; i++)
        set(ALICE, "k", "1");
    assert_int_equal(watch(BOB, "", 3), 0);
    assert_string_equal(seen_text, "1031 missed []");
    assert_int_equal(watch(ALICE, "", 1030), 0);
    assert_memory_equal(seen_text, "1031 [{\"sequence\":1031,", 23);
    assert_int_not_equal(watch(ALICE, "", 1031), 0);
}

int main(void)
{
#define TEST(name) cmocka_unit_test_setup_teardown(name, set_up, tear_down)
    const struct CMUnitTest tests[] = {
        TEST(secrets_are_refused),
        TEST(secrets_are_redacted),
        TEST(secrets_are_encrypted),
        TEST(sensitive_values_are_encrypted),
        TEST(changes_are_told),
        TEST(what_is_too_old_is_missed),
    };
    cmocka_set_message_output(CM_OUTPUT_TAP);
    return cmocka_run_group_tests(tests, NULL, NULL);
}
