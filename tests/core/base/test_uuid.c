/* UUIDs of version 7: their bits, their order in one millisecond and when the clock goes back. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <string.h>

#include <cmocka.h>

#include "core/base/uuid.h"

static int64_t now_ms;
static uint8_t fill_with;
static int fill_rc;

static uint64_t mono(void *ctx)
{
    (void)ctx;
    return 0;
}

static int64_t wall(void *ctx)
{
    (void)ctx;
    return now_ms;
}

static int fill(void *ctx, void *out, size_t len, struct error *err)
{
    (void)ctx;
    if (fill_rc)
        return error_set(err, fill_rc, "no randomness");
    memset(out, fill_with, len);
    return ST_OK;
}

static const struct clock_port clock_port = {NULL, mono, wall};
static const struct random_port random_port = {NULL, fill};

static void test_bits(void **state)
{
    struct uuid_source source = {0};
    char text[UUID_TEXT_SIZE];
    (void)state;
    fill_rc = ST_OK;
    fill_with = 0xab;
    now_ms = 0x017f22e279b0;
    assert_int_equal(uuid_next(&source, &clock_port, &random_port, text, NULL), ST_OK);
    assert_string_equal(text, "017f22e2-79b0-76ae-abab-abababababab");
    assert_true(uuid_valid(str_from(text)));
    fill_with = 0;
    source = (struct uuid_source){0};
    uuid_next(&source, &clock_port, &random_port, text, NULL);
    assert_string_equal(text, "017f22e2-79b0-7000-8000-000000000000");
    uuid_next(&source, &clock_port, &random_port, text, NULL);
    assert_string_equal(text, "017f22e2-79b0-7000-8001-000000000000");
}

static void test_order(void **state)
{
    struct uuid_source source = {0};
    char before[UUID_TEXT_SIZE] = "", text[UUID_TEXT_SIZE];
    (void)state;
    fill_rc = ST_OK;
    fill_with = 0xff;
    for (int i = 0; i < 100000; i++) {
        now_ms = 1000 + i / 40000 - (i % 7 == 0 ? 500 : 0);
        assert_int_equal(uuid_next(&source, &clock_port, &random_port, text, NULL), ST_OK);
        assert_true(strcmp(before, text) < 0);
        memcpy(before, text, sizeof(before));
    }
    source.counter = (1u << 26) - 1;
    uuid_next(&source, &clock_port, &random_port, text, NULL);
    assert_string_equal(text, "00000000-03eb-77ff-bfff-ffffffffffff");
    assert_true(strcmp(before, text) < 0);
}

static void test_fails(void **state)
{
    struct uuid_source source = {0};
    struct error err;
    char text[UUID_TEXT_SIZE] = "as it was";
    (void)state;
    fill_rc = ST_UNAVAILABLE;
    assert_int_equal(uuid_next(&source, &clock_port, &random_port, text, &err),
                     ST_UNAVAILABLE);
    assert_string_equal(err.text, "no randomness");
    assert_string_equal(text, "as it was");
}

static void test_valid(void **state)
{
    (void)state;
    assert_true(uuid_valid(STR("017F22e2-79b0-76ae-abab-abababababab")));
    assert_false(uuid_valid(STR("017f22e2-79b0-76ae-abab-abababababa")));
    assert_false(uuid_valid(STR("017f22e2-79b0-76ae-abab-abababababag")));
    assert_false(uuid_valid(STR("017f22e2279b0-76ae-abab-abababababab")));
    assert_false(uuid_valid(STR("")));
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_bits),
        cmocka_unit_test(test_order),
        cmocka_unit_test(test_fails),
        cmocka_unit_test(test_valid),
    };
    cmocka_set_message_output(CM_OUTPUT_TAP);
    return cmocka_run_group_tests(tests, NULL, NULL);
}
