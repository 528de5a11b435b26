#include "tests/plugins/tools/kit/fixture.h"

#include "kit/args.h"
#include "kit/bytes.h"

#define ALL                                                                                          \
    "{\"text\":\"a\\u00e9b\",\"empty\":\"\",\"nul\":\"a\\u0000b\",\"int\":5,\"real\":2.5,\"whole\":5.0,"  \
    "\"big\":1e300,\"yes\":true,\"none\":null,\"word\":\"two\",\"list\":[\"x\",\"y\"],\"mixed\":[\"x\",1],"  \
    "\"options\":{\"deep\":7,\"inner\":{\"bad\":true}}}"

static struct args begin(hexmcp_error *err)
{
    return args_begin(hexmcp_str_from(ALL), err);
}

static void test_what_is_there(void **state)
{
    static const char *const words[] = {"one", "two", NULL};
    struct fake *f = *state;
    struct args args = begin(&f->err);
    size_t count;
    assert_string_equal(args_text(&args, "text", 4, NULL), "a\xc3\xa9" "b");
    assert_string_equal(args_text(&args, "empty", 4, "x"), "");
    assert_int_equal(args_bytes(&args, "nul", 3).len, 3);
    assert_memory_equal(args_bytes(&args, "nul", 3).ptr, "a\0b", 3);
    assert_int_equal(args_int(&args, "int", 0, 5, 9), 5);
    assert_int_equal(args_int(&args, "whole", 0, 5, 9), 5);
    assert_true(args_number(&args, "real", 0, 5, 9) == 2.5);
    assert_true(args_bool(&args, "yes", false));
    assert_int_equal(args_choice(&args, "word", words, 0), 1);
    const char *const *list = args_texts(&args, "list", 2, 1, &count);
    assert_int_equal(count, 2);
    assert_string_equal(list[1], "y");
    list = args_texts(&args, "text", 1, 4, &count);
    assert_int_equal(count, 1);
    assert_string_equal(list[0], "a\xc3\xa9" "b");
    assert_true(args_has(&args, "int"));
    assert_int_equal(args_status(&args), HEXMCP_OK);
    args_end(&args);
}

static void test_what_is_not_there(void **state)
{
    static const char *const words[] = {"one", "two", NULL};
    static const char *const missing[] = {"none", "gone"};
    struct fake *f = *state;
    struct args args = begin(&f->err);
    size_t count = 9;
    for (size_t i = 0; i < 2; i++) {
        const char *key = missing[i];
        assert_false(args_has(&args, key));
        assert_null(args_text(&args, key, 4, NULL));
        assert_string_equal(args_text(&args, key, 4, "x"), "x");
        assert_null(args_bytes(&args, key, 4).ptr);
        assert_int_equal(args_int(&args, key, 0, 5, 9), 9);
        assert_true(args_number(&args, key, 0, 5, 1.5) == 1.5);
        assert_true(args_bool(&args, key, true));
        assert_int_equal(args_choice(&args, key, words, 1), 1);
        assert_null(args_texts(&args, key, 2, 1, &count));
        assert_int_equal(count, 0);
        struct args part = args_object(&args, key);
        assert_int_equal(args_int(&part, "deep", 0, 9, 3), 3);
    }
    assert_int_equal(args_status(&args), HEXMCP_OK);
    args_end(&args);
}

static void test_parts(void **state)
{
    struct fake *f = *state;
    struct args args = begin(&f->err);
    struct args options = args_object(&args, "options");
    struct args inner = args_object(&options, "inner");
    assert_int_equal(args_int(&options, "deep", 0, 9, 3), 7);
    assert_int_equal(args_int(&inner, "bad", 0, 9, 3), 3);
    failed_with(f, args_status(&args), HEXMCP_E_INVALID,
                "options.inner.bad is not a whole number from 0 to 9; correct it");
    assert_int_equal(args_status(&inner), HEXMCP_E_INVALID);
    args_end(&args);
}

/* Each alone: the first error counts. */
#define FAILS(code, text, ...)                                                                       \
    do {                                                                                             \
        struct args args = begin(&f->err);                                                           \
        (void)__VA_ARGS__;                                                                           \
        failed_with(f, args_status(&args), code, text);                                              \
        args_end(&args);                                                                             \
    } while (0)

static void test_what_does_not_fit(void **state)
{
    static const char *const words[] = {"one", "three", NULL};
    struct fake *f = *state;
    size_t count;
    FAILS(HEXMCP_E_TOO_LARGE, "text has 4 bytes, but at most 3 are taken; shorten it",
          args_text(&args, "text", 3, NULL));
    FAILS(HEXMCP_E_INVALID, "int is not a text; give a string", args_text(&args, "int", 9, NULL));
    FAILS(HEXMCP_E_INVALID, "nul holds a NUL character; leave it out",
          args_text(&args, "nul", 9, NULL));
    FAILS(HEXMCP_E_INVALID, "empty is missing or empty; give it", args_needed(&args, "empty", 9));
    FAILS(HEXMCP_E_INVALID, "gone is missing or empty; give it", args_needed(&args, "gone", 9));
    FAILS(HEXMCP_E_INVALID, "int is not a whole number from 6 to 9; correct it",
          args_int(&args, "int", 6, 9, 7));
    FAILS(HEXMCP_E_INVALID, "real is not a whole number from 0 to 9; correct it",
          args_int(&args, "real", 0, 9, 7));
    FAILS(HEXMCP_E_INVALID, "big is not a whole number from 0 to 9; correct it",
          args_int(&args, "big", 0, 9, 7));
    FAILS(HEXMCP_E_INVALID, "real is not a number from 3 to 4; correct it",
          args_number(&args, "real", 3, 4, 3));
    FAILS(HEXMCP_E_INVALID, "int is neither true nor false; correct it",
          args_bool(&args, "int", false));
    FAILS(HEXMCP_E_INVALID, "word is unknown; give one of one, three",
          args_choice(&args, "word", words, 0));
    FAILS(HEXMCP_E_INVALID, "int is not an array of texts; give one",
          args_texts(&args, "int", 9, 9, &count));
    FAILS(HEXMCP_E_TOO_LARGE, "list has 2 elements, but at most 1 are taken; give fewer",
          args_texts(&args, "list", 1, 9, &count));
    FAILS(HEXMCP_E_INVALID, "mixed is not a text; give a string",
          args_texts(&args, "mixed", 9, 9, &count));
    FAILS(HEXMCP_E_INVALID, "list is not an object; give an object", args_object(&args, "list").name);
}

static void test_the_first_error_stays(void **state)
{
    struct fake *f = *state;
    struct args args = begin(&f->err);
    assert_int_equal(args_fail(&args, HEXMCP_E_DENIED, "no %s", "way"), HEXMCP_E_DENIED);
    assert_int_equal(args_fail(&args, HEXMCP_E_INVALID, "other"), HEXMCP_E_DENIED);
    assert_false(args_has(&args, "int"));
    assert_int_equal(args_int(&args, "int", 0, 9, 8), 8);
    failed_with(f, args_status(&args), HEXMCP_E_DENIED, "no way");
    args_end(&args);
}

static void test_bytes(void **state)
{
    struct bytes b = {0};
    char block[1000];
    (void)state;
    memset(block, 'x', sizeof(block));
    assert_true(bytes_add(&b, NULL, 0));
    assert_string_equal(b.ptr, "");
    for (size_t i = 0; i < 100; i++)
        assert_true(bytes_add(&b, block, i * 10));
    assert_int_equal(b.len, 49500);
    assert_int_equal(strlen(b.ptr), 49500);
    assert_int_equal(bytes_str(&b).len, 49500);
    bytes_free(&b);
    assert_null(b.ptr);
}

#define TEST(name) cmocka_unit_test_setup_teardown(name, fake_setup, fake_teardown)

int main(void)
{
    const struct CMUnitTest tests[] = {
        TEST(test_what_is_there),        TEST(test_what_is_not_there), TEST(test_parts),
        TEST(test_what_does_not_fit),    TEST(test_the_first_error_stays),
        TEST(test_bytes),
    };
    cmocka_set_message_output(CM_OUTPUT_TAP);
    return cmocka_run_group_tests(tests, NULL, NULL);
}
