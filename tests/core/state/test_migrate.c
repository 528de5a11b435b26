/* Migrations of a place: page by page, with a way back. */
#include "core/state/migrate.h"
#include "tests/core/state/fixture.h"

#define BACKUP STR("migration/r1")

static const char file[] =
    "{\"migrations\":[{\"from\":1,\"to\":2,\"steps\":["
    "{\"rename\":{\"from\":\"/n\",\"to\":\"/number\",\"required\":true}}]},"
    "{\"from\":2,\"to\":3,\"steps\":[{\"convert\":{\"at\":\"/number\",\"to\":\"string\"}}]}],"
    "\"schemas\":{\"3\":{\"properties\":{\"number\":{\"maxLength\":1}}}}}";

static struct migration *migration;
static struct state_migration options;
static int progresses;

static int start(void **test)
{
    progresses = 0;
    assert_int_equal(migration_compile(str_from(file), NULL, &migration, NULL), ST_OK);
    options = (struct state_migration){.migration = migration, .run = STR("r1"), .batch = 2,
                                       .backup = true, .rollback_on_error = true};
    return set_up(test);
}

static int end(void **test)
{
    migration_free(migration);
    return tear_down(test);
}

static void done(void *arg, const struct error *err, const struct state_migrated *m)
{
    (void)arg;
    dones++;
    if (err)
        snprintf(told, sizeof(told), "%d %s", err->code, err->text);
    else
        snprintf(told, sizeof(told), "to %u %s: %llu seen, %llu migrated, %llu unchanged, %llu failed "
                                     "[%.*s]%s, %llu restored, %llu left%s",
                 m->to, migration_risk_name(m->risk), (unsigned long long)m->seen,
                 (unsigned long long)m->migrated, (unsigned long long)m->unchanged,
                 (unsigned long long)m->failed, STR_ARG(m->failure),
                 m->rolled_back ? " rolled back" : "", (unsigned long long)m->restored,
                 (unsigned long long)m->left, m->kept ? ", kept" : "");
}

static void progress(void *arg, const struct state_migrated *so_far)
{
    (void)arg;
    (void)so_far;
    progresses++;
}

static void migrate(void)
{
    state_migrate(state, ALICE, &options, progress, done, NULL);
}

static void fill(int count)
{
    char key[16], value[32];
    for (int i = 0; i < count; i++) {
        snprintf(key, sizeof(key), "k%02d", i);
        snprintf(value, sizeof(value), "{\"n\":%d}", i);
        set(ALICE, key, value);
    }
}

static void value_is(const char *key, const char *text)
{
    get(ALICE, key);
    told[strlen(text) < strlen(told) ? strlen(text) : strlen(told)] = '\0';
    assert_string_equal(told, text);
}

static void values_are_migrated(void **test)
{
    (void)test;
    fill(5);
    set(BOB, "k", "{\"n\":1}");
    set_with(ALICE, "k04", "{\"number\":4}",
             (struct state_change){.value_class = STATE_STANDARD, .schema = 2, .ttl_ms = 900});
    set_with(ALICE, "z", "{}", (struct state_change){.value_class = STATE_STANDARD, .schema = 3});
    wall += 77;
    migrate();
    assert_string_equal(told, "to 3 medium: 6 seen, 5 migrated, 1 unchanged, 0 failed [], 0 restored, "
                              "0 left, kept");
    assert_int_equal(progresses, 3);
    get(ALICE, "k04");
    assert_memory_equal(told, "{\"number\":\"4\"} v", 16);
    assert_non_null(strstr(told, "standard schema 3 at 1000000 expires 1000900"));
    kv.now_ms += 900;
    get(ALICE, "k04");
    assert_memory_equal(told, "-4", 2);
    get(BOB, "k");
    assert_memory_equal(told, "{\"n\":1} v", 9);
    assert_int_equal(fake_kv_count(&kv, BACKUP), 6);
    state_commit(state, BOB, STR("r1"), done, NULL);
    assert_string_equal(told, "-4 no migration of this session is kept under that name");
    state_commit(state, ALICE, STR("r1"), done, NULL);
    assert_string_equal(told, "to 3 low: 0 seen, 0 migrated, 0 unchanged, 0 failed [], 0 restored, 0 "
                              "left");
    assert_int_equal(fake_kv_count(&kv, BACKUP), 0);
    state_rollback(state, ALICE, STR("r1"), done, NULL);
    assert_string_equal(told, "-4 no migration of this session is kept under that name");
}

static void a_dry_run_changes_nothing(void **test)
{
    (void)test;
    fill(3);
    set(ALICE, "bad", "{}");
    options.dry_run = true;
    size_t changes = kv.changes;
    migrate();
    assert_string_equal(told,
                        "to 3 medium: 4 seen, 3 migrated, 0 unchanged, 1 failed [\"bad\": version 1 to "
                        "2, step 1 (rename /n): there is nothing at \"/n\"], 0 restored, 0 left");
    assert_int_equal(kv.changes, changes);
}

static void a_run_is_rolled_back(void **test)
{
    (void)test;
    fill(5);
    migrate();
    value_is("k00", "{\"number\":\"0\"}");
    wall += 5;
    set(ALICE, "k01", "7");
    erase(ALICE, "k02");
    /* Another process does it. */
    again();
    state_rollback(state, ALICE, STR("r1"), done, NULL);
    assert_string_equal(told, "to 3 low: 0 seen, 0 migrated, 0 unchanged, 0 failed [] rolled back, 3 "
                              "restored, 1 left");
    get(ALICE, "k00");
    assert_non_null(strstr(told, "{\"n\":0} v"));
    assert_non_null(strstr(told, "standard schema 1 at 1000000 expires 0"));
    value_is("k01", "7");
    value_is("k02", "-4");
    assert_int_equal(fake_kv_count(&kv, BACKUP), 0);
}

static void a_failure_rolls_back(void **test)
{
    (void)test;
    fill(5);
    set(ALICE, "k03", "{}");
    migrate();
    assert_string_equal(told,
                        "to 3 medium: 4 seen, 0 migrated, 0 unchanged, 1 failed [\"k03\": version 1 to "
                        "2, step 1 (rename /n): there is nothing at \"/n\"] rolled back, 2 restored, "
                        "0 left");
    value_is("k00", "{\"n\":0}");
    options.rollback_on_error = false;
    migrate();
    assert_non_null(strstr(told, "5 seen, 4 migrated, 0 unchanged, 1 failed"));
    value_is("k03", "{}");
    value_is("k04", "{\"number\":\"4\"}");
}

static void results_are_validated(void **test)
{
    (void)test;
    fill(11);
    options.validation = VALIDATE_STRICT;
    migrate();
    assert_non_null(strstr(told, "1 failed [\"k10\": "));
    assert_non_null(strstr(told, "/number: "));
    value_is("k00", "{\"n\":0}");
    options.to = 2;
    migrate();
    assert_string_equal(told, "-3 there is no schema of version 2 in the file");
}

static void results_that_nobody_could_read_are_refused(void **test)
{
    static const char deep[] =
        "{\"migrations\":[{\"from\":1,\"to\":2,\"steps\":["
        "{\"copy\":{\"from\":\"/a\",\"to\":\"/b/c/d\"}}]}]}";
    char value[400] = "{\"a\":";
    size_t at = strlen(value);
    (void)test;
    memset(value + at, '[', 127);
    memset(value + at + 127, ']', 127);
    strcpy(value + at + 254, "}");
    set(ALICE, "k", value);
    migration_free(migration);
    assert_int_equal(migration_compile(str_from(deep), NULL, &migration, NULL), ST_OK);
    options.migration = migration;
    options.validation = VALIDATE_NONE;
    migrate();
    assert_non_null(strstr(told, "1 failed [\"k\": the migrated value is no JSON: nested deeper than 128 "
                                 "levels"));
    value_is("k", "{\"a\":[");
}

static void former_values_are_dropped_on_demand(void **test)
{
    (void)test;
    fill(5);
    options.backup = false;
    migrate();
    assert_string_equal(told, "to 3 medium: 5 seen, 5 migrated, 0 unchanged, 0 failed [], 0 restored, "
                              "0 left");
    assert_int_equal(fake_kv_count(&kv, BACKUP), 0);
}

static void a_name_is_used_once(void **test)
{
    (void)test;
    fill(1);
    migrate();
    fill(1);
    migrate();
    assert_string_equal(told, "-3 there is a run of that name; roll it back or commit it");
    options.run = STR("a/b");
    migrate();
    assert_string_equal(told, "-3 the name of a run has 1 to 64 letters, digits and '-'");
}

static int comings;

static void other(void *arg)
{
    (void)arg;
    if (kv.applies > 8 && comings-- > 0)
        fake_kv_put(&kv, STR("state/acme/session/alice/s1"), STR("k00"),
                    STR("{\"class\":\"standard\",\"schema\":1,\"at\":5,\"expires\":0}\n{\"n\":9}"));
}

static void changes_of_others_are_read_again(void **test)
{
    (void)test;
    fill(5);
    comings = 1;
    kv.between = other;
    kv.applies = 7;
    migrate();
    kv.between = NULL;
    assert_string_equal(told, "to 3 medium: 5 seen, 5 migrated, 0 unchanged, 0 failed [], 0 restored, "
                              "0 left, kept");
    value_is("k00", "{\"number\":\"9\"}");
}

static void failures_of_the_store_put_back_what_can_be(void **test)
{
    (void)test;
    fill(5);
    /* The note, list, backup, change; list, then the backup of the second page fails. */
    kv.fail_after = 5;
    migrate();
    assert_string_equal(told, "-10 the store is away");
    value_is("k00", "{\"n\":0}");
    assert_int_equal(fake_kv_count(&kv, BACKUP), 0);
}

static void many_pages_do_not_nest(void **test)
{
    (void)test;
    parts.max_keys = 20000;
    parts.max_bytes = 100000000;
    again();
    char key[16];
    for (int i = 0; i < 10000; i++) {
        snprintf(key, sizeof(key), "k%05d", i);
        fake_kv_put(&kv, STR("state/acme/session/alice/s1"), str_from(key),
                    STR("{\"class\":\"standard\",\"schema\":1,\"at\":5,\"expires\":0}\n{\"n\":9}"));
    }
    options.batch = 1;
    migrate();
    assert_non_null(strstr(told, "10000 migrated"));
    state_rollback(state, ALICE, STR("r1"), done, NULL);
    assert_non_null(strstr(told, "10000 restored"));
    clear(ALICE, "");
    assert_string_equal(told, "10000 removed");
}

static void copies_of_secrets_are_encrypted(void **test)
{
    (void)test;
    parts.sealing = &sealed.port;
    again();
    fake_kv_put(&kv, STR("state/acme/session/alice/s1"), STR("k"),
                STR("{\"class\":\"sensitive\",\"schema\":1,\"at\":5,\"expires\":0}\n{\"n\":9}"));
    migrate();
    assert_true(str_eq(fake_kv_value(&sealed, BACKUP, STR("k")),
                       STR("{\"class\":\"sensitive\",\"schema\":1,\"at\":5,\"expires\":0}\n"
                           "{\"n\":9}")));
    assert_null(fake_kv_value(&kv, BACKUP, STR("k")).ptr);
}

int main(void)
{
#define TEST(name) cmocka_unit_test_setup_teardown(name, start, end)
    const struct CMUnitTest tests[] = {
        TEST(values_are_migrated),
        TEST(a_dry_run_changes_nothing),
        TEST(a_run_is_rolled_back),
        TEST(a_failure_rolls_back),
        TEST(results_are_validated),
        TEST(results_that_nobody_could_read_are_refused),
        TEST(former_values_are_dropped_on_demand),
        TEST(a_name_is_used_once),
        TEST(changes_of_others_are_read_again),
        TEST(failures_of_the_store_put_back_what_can_be),
        TEST(many_pages_do_not_nest),
        TEST(copies_of_secrets_are_encrypted),
    };
    cmocka_set_message_output(CM_OUTPUT_TAP);
    return cmocka_run_group_tests(tests, NULL, NULL);
}
