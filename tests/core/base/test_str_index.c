/* Things by their names. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>

#include <cmocka.h>

#include "core/base/str_index.h"

static void test_put_and_remove(void **state)
{
    struct str_index index = STR_INDEX_INIT;
    int a, b, c;
    (void)state;
    assert_null(str_index_get(&index, STR("a")));
    str_index_remove(&index, STR("a"));
    assert_true(str_index_put(&index, STR("b"), &b));
    assert_true(str_index_put(&index, STR("a"), &a));
    assert_true(str_index_put(&index, STR(""), &c));
    assert_ptr_equal(str_index_get(&index, STR("a")), &a);
    assert_ptr_equal(str_index_get(&index, STR("b")), &b);
    assert_ptr_equal(str_index_get(&index, STR("")), &c);
    assert_null(str_index_get(&index, STR("ab")));
    str_index_remove(&index, STR("a"));
    assert_null(str_index_get(&index, STR("a")));
    assert_ptr_equal(str_index_get(&index, STR("b")), &b);
    assert_int_equal(index.count, 2);
    str_index_clear(&index);
    assert_int_equal(index.count, 0);
    assert_null(str_index_get(&index, STR("b")));
}

static void test_put_again(void **state)
{
    struct str_index index = STR_INDEX_INIT;
    char old[] = "key", new[] = "key";
    int a, b;
    (void)state;
    assert_true(str_index_put(&index, str_from(old), &a));
    assert_true(str_index_put(&index, str_from(new), &b));
    old[0] = 'x';
    assert_int_equal(index.count, 1);
    assert_ptr_equal(str_index_get(&index, STR("key")), &b);
    str_index_clear(&index);
}

static void test_many(void **state)
{
    struct str_index index = STR_INDEX_INIT;
    static char names[1000][8];
    (void)state;
    for (int i = 0; i < 1000; i++) {
        snprintf(names[i], sizeof(names[i]), "%d", i * 7919 % 1000);
        assert_true(str_index_put(&index, str_from(names[i]), names[i]));
    }
    for (size_t i = 1; i < index.count; i++)
        assert_true(str_cmp(index.entries[i - 1].key, index.entries[i].key) < 0);
    for (int i = 0; i < 1000; i += 2)
        str_index_remove(&index, str_from(names[i]));
    assert_int_equal(index.count, 500);
    for (int i = 0; i < 1000; i++)
        assert_ptr_equal(str_index_get(&index, str_from(names[i])), i % 2 ? names[i] : NULL);
    str_index_clear(&index);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_put_and_remove),
        cmocka_unit_test(test_put_again),
        cmocka_unit_test(test_many),
    };
    cmocka_set_message_output(CM_OUTPUT_TAP);
    return cmocka_run_group_tests(tests, NULL, NULL);
}
