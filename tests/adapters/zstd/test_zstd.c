/* The codec of libzstd, by its module. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#include "adapters/driven/zstd/zstd.h"
#include "core/base/str.h"

static int open_module(void **state)
{
    struct zstd_module *module;
    assert_int_equal(zstd_module_new(TEST_MODULES_DIR, &module, NULL), ST_OK);
    *state = module;
    return 0;
}

static int close_module(void **state)
{
    zstd_module_free(*state);
    return 0;
}

static void test_round(void **state)
{
    const struct codec_port *codec = zstd_module_port(*state);
    static char data[100000], back[100000], squeezed[100000];
    size_t len;
    struct error err;
    for (size_t i = 0; i < sizeof(data); i++)
        data[i] = (char)(i % 100);
    const struct str whole = {data, sizeof(data)};
    assert_int_equal(codec->compress(codec->ctx, whole, squeezed, sizeof(squeezed), &len, &err), ST_OK);
    assert_true(len < 1000);
    assert_int_equal(codec->expand(codec->ctx, (struct str){squeezed, len}, back, sizeof(back), &err),
                     ST_OK);
    assert_memory_equal(back, data, sizeof(data));
    assert_int_equal(codec->compress(codec->ctx, whole, squeezed, 10, &len, &err), ST_TOO_LARGE);
    /* What comes out is never more than was asked for, whatever the frame says. */
    char small[16];
    memset(small, 7, sizeof(small));
    assert_int_equal(codec->expand(codec->ctx, (struct str){squeezed, len}, small, 8, &err), ST_INVALID);
    assert_int_equal(small[8], 7);
    assert_int_equal(codec->expand(codec->ctx, (struct str){squeezed, len}, back, 99999, &err),
                     ST_INVALID);
    assert_int_equal(codec->expand(codec->ctx, (struct str){squeezed, len - 1}, back, sizeof(back), &err),
                     ST_INVALID);
    assert_int_equal(codec->expand(codec->ctx, STR("nonsense"), back, 10, &err), ST_INVALID);
}

static void test_missing(void **state)
{
    struct zstd_module *module;
    struct error err;
    size_t len;
    char out[10];
    (void)state;
    assert_int_equal(zstd_module_new("/nowhere", &module, NULL), ST_OK);
    const struct codec_port *codec = zstd_module_port(module);
    assert_int_equal(codec->compress(codec->ctx, STR("x"), out, 10, &len, &err), ST_UNAVAILABLE);
    zstd_module_free(module);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test_setup_teardown(test_round, open_module, close_module),
        cmocka_unit_test(test_missing),
    };
    cmocka_set_message_output(CM_OUTPUT_TAP);
    return cmocka_run_group_tests(tests, NULL, NULL);
}
