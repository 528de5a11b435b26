/* Which backup is next and which go. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <string.h>

#include <cmocka.h>

#include "core/backup/plan.h"

#define DAY ((int64_t)24 * 3600 * 1000)

static const struct backup_rules rules = {3, 30 * DAY, 7 * DAY};

static struct backup_facts one(const char *id, const char *parent, int64_t day,
                               enum backup_importance importance)
{
    struct backup_facts f = {.created_ms = day * DAY, .importance = importance};
    snprintf(f.id, sizeof(f.id), "%s", id);
    snprintf(f.parent, sizeof(f.parent), "%s", parent);
    return f;
}

static void test_parent(void **state)
{
    struct backup_facts all[3] = {one("a", "", 0, BACKUP_STANDARD), one("b", "a", 1, BACKUP_STANDARD),
                                  one("c", "b", 2, BACKUP_STANDARD)};
    (void)state;
    assert_null(backup_parent(all, 0, &rules, "", 0));
    assert_ptr_equal(backup_parent(all, 1, &rules, "", DAY), &all[0]);
    assert_ptr_equal(backup_parent(all, 3, &rules, "", 3 * DAY), &all[2]);
    assert_null(backup_parent(all, 3, &rules, "", 7 * DAY));
    assert_null(backup_parent(all, 3, &rules, "key", 3 * DAY));
    assert_null(backup_parent(all + 1, 2, &rules, "", 3 * DAY));
    assert_null(backup_parent(all, 3, &rules, "", -DAY));
    snprintf(all[0].parent, sizeof(all[0].parent), "c");
    assert_null(backup_parent(all, 3, &rules, "", 3 * DAY));
}

static void expect_gone(const struct backup_facts *all, size_t count, int64_t day, const char *expected)
{
    bool gone[8];
    char got[9] = "";
    backup_retention(all, count, &rules, day * DAY, gone);
    for (size_t i = 0; i < count; i++)
        got[i] = gone[i] ? 'x' : '-';
    assert_string_equal(got, expected);
}

static void test_retention(void **state)
{
    (void)state;
    const struct backup_facts plain[] = {
        one("a", "", 0, BACKUP_STANDARD), one("b", "", 1, BACKUP_STANDARD),
        one("c", "", 2, BACKUP_STANDARD), one("d", "", 3, BACKUP_STANDARD)};
    expect_gone(plain, 4, 4, "x---");
    expect_gone(plain, 3, 4, "---");
    expect_gone(plain, 4, 32, "xx--");
    expect_gone(plain, 4, 1000, "xxx-");
    const struct backup_facts mixed[] = {
        one("a", "", 0, BACKUP_CRITICAL), one("b", "", 1, BACKUP_IMPORTANT),
        one("c", "", 2, BACKUP_LOW), one("d", "", 3, BACKUP_STANDARD)};
    expect_gone(mixed, 4, 4, "--x-");
    expect_gone(mixed, 4, 1000, "-xx-");
    /* What a living one adds to stays, and its parents. */
    const struct backup_facts chain[] = {
        one("a", "", 0, BACKUP_LOW), one("b", "a", 1, BACKUP_LOW), one("c", "b", 2, BACKUP_LOW),
        one("d", "c", 3, BACKUP_LOW)};
    expect_gone(chain, 4, 1000, "----");
    const struct backup_facts two[] = {
        one("a", "", 0, BACKUP_LOW), one("b", "a", 1, BACKUP_LOW), one("c", "", 2, BACKUP_LOW),
        one("d", "c", 3, BACKUP_LOW)};
    expect_gone(two, 4, 1000, "xx--");
    expect_gone(two, 4, 4, "-x--");
    expect_gone(two, 0, 4, "");
}

static void test_ids(void **state)
{
    char id[BACKUP_ID_SIZE];
    (void)state;
    backup_make_id(1795262400000, 0x1a2b, id);
    assert_string_equal(id, "20261121T120000Z-00001a2b");
    assert_true(backup_id_valid(str_from(id)));
    assert_false(backup_id_valid(str_from("20261121T120000Z-00001a2")));
    assert_false(backup_id_valid(str_from("../61121T120000Z-00001a2b")));
}

static void test_facts(void **state)
{
    struct backup_facts f = {.created_ms = 5, .importance = BACKUP_IMPORTANT, .position = 7,
                             .records = 9, .written = 3, .start = {1, 255}, .newest = {9}};
    struct backup_facts g;
    struct buffer text = BUFFER_INIT;
    struct error err;
    (void)state;
    memset(&g, 0, sizeof(g));
    backup_make_id(5, 1, f.id);
    backup_make_id(4, 2, f.parent);
    snprintf(f.store, sizeof(f.store), "sqlite");
    snprintf(f.key, sizeof(f.key), "main");
    backup_write_header(&f, &text);
    assert_int_equal(backup_parse_header(buffer_str(&text), &g, &err), ST_OK);
    buffer_clear(&text);
    backup_write_summary(&f, &text);
    assert_int_equal(backup_parse_summary(buffer_str(&text), &g, &err), ST_OK);
    assert_memory_equal(&f, &g, sizeof(f));
    buffer_clear(&text);
    assert_int_equal(backup_parse_header(str_from("{\"id\":\"../x\"}"), &g, &err), ST_INVALID);
    assert_string_equal(err.text, "the header of the backup is not one of hexmcp");
    assert_int_equal(backup_parse_summary(str_from("{}"), &g, &err), ST_INVALID);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_parent), cmocka_unit_test(test_retention), cmocka_unit_test(test_ids),
        cmocka_unit_test(test_facts)};
    cmocka_set_message_output(CM_OUTPUT_TAP);
    return cmocka_run_group_tests(tests, NULL, NULL);
}
