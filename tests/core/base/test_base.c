/* Slices, buffers, arenas, errors, the nearest word, base64url. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdio.h>
#include <stdlib.h>

#include <cmocka.h>

#include "core/base/arena.h"
#include "core/base/base64url.h"
#include "core/base/error.h"
#include "core/base/nearest.h"

static void assert_text(struct str text, const char *expected)
{
    assert_int_equal(text.len, strlen(expected));
    if (text.len)
        assert_memory_equal(text.ptr, expected, text.len);
}

static void test_str(void **state)
{
    (void)state;
    const struct str none = {NULL, 0};
    assert_true(str_eq(none, STR("")));
    assert_true(str_eq(str_from(NULL), none));
    assert_false(str_eq(STR("a\0b"), STR("a\0c")));
    assert_true(str_starts(STR("ab"), none));
    assert_false(str_starts(none, STR("a")));
    assert_true(str_ends(STR("abc"), STR("bc")));
    assert_false(str_ends(STR("c"), STR("bc")));
    assert_int_equal(str_cmp(STR("a"), STR("b")), -1);
    assert_int_equal(str_cmp(STR("b"), STR("aa")), 1);
    assert_int_equal(str_cmp(STR("a"), STR("aa")), -1);
    assert_int_equal(str_cmp(none, none), 0);
    assert_int_equal(str_cmp(STR("\x80"), STR("\x7F")), 1);
}

static void test_buffer(void **state)
{
    (void)state;
    struct buffer b = BUFFER_INIT;
    buffer_add_u64(&b, 0);
    buffer_add_char(&b, ' ');
    buffer_add_i64(&b, INT64_MIN);
    buffer_add(&b, NULL, 0);
    assert_text(buffer_str(&b), "0 -9223372036854775808");
    buffer_drop_front(&b, 2);
    assert_text(buffer_str(&b), "-9223372036854775808");
    buffer_drop_front(&b, 100);
    assert_int_equal(b.len, 0);
    for (int i = 0; i < 1000; i++)
        buffer_add_char(&b, 'x');
    size_t cap = b.cap;
    buffer_reset(&b, cap);
    assert_true(b.len == 0 && b.cap == cap);
    buffer_reset(&b, cap - 1);
    assert_true(b.data == NULL && b.cap == 0);
    buffer_add_str(&b, STR("abc"));
    size_t len;
    char *taken = buffer_take(&b, &len);
    assert_string_equal(taken, "abc");
    assert_int_equal(len, 3);
    assert_null(b.data);
    free(taken);
}

static void test_buffer_wipe(void **state)
{
    struct buffer b = BUFFER_INIT;
    (void)state;
    buffer_wipe(&b);
    buffer_add_str(&b, STR("secret"));
    buffer_wipe(&b);
    assert_null(b.data);
    assert_int_equal(b.len + b.cap, 0);
}

static void test_buffer_remembers_failure(void **state)
{
    (void)state;
    struct buffer b = BUFFER_INIT;
    buffer_add_str(&b, STR("a"));
    assert_false(buffer_reserve(&b, SIZE_MAX));
    assert_true(buffer_failed(&b));
    buffer_add_str(&b, STR("b"));
    assert_text(buffer_str(&b), "a");
    assert_null(buffer_take(&b, NULL));
    assert_false(buffer_failed(&b));
    assert_null(b.data);
}

static void test_arena(void **state)
{
    (void)state;
    struct arena a = ARENA_INIT;
    char *small = arena_alloc(&a, 3);
    char *large = arena_alloc(&a, 100000);
    struct str copy = arena_copy(&a, STR("text"));
    assert_non_null(small);
    assert_true(small[0] == 0 && small[2] == 0 && large[99999] == 0);
    assert_int_equal((uintptr_t)arena_alloc(&a, 1) % _Alignof(max_align_t), 0);
    assert_string_equal(copy.ptr, "text");
    assert_string_equal(arena_copy(&a, (struct str){NULL, 0}).ptr, "");
    assert_null(arena_alloc(&a, SIZE_MAX));
    assert_true(a.failed);
    arena_clear(&a);
    assert_false(a.failed);
    assert_null(a.blocks);
}

static void test_error(void **state)
{
    (void)state;
    struct error err;
    assert_int_equal(error_set(&err, ST_DENIED, "no %s", "entry"), ST_DENIED);
    assert_int_equal(error_prefix(&err, "%d: ", 7), ST_DENIED);
    assert_string_equal(err.text, "7: no entry");
    assert_int_equal(err.code, ST_DENIED);
    assert_int_equal(error_set(NULL, ST_BUSY, "x"), ST_BUSY);
}

static void test_error_is_cut_at_a_character(void **state)
{
    (void)state;
    struct error err;
    char text[ERROR_TEXT_SIZE + 100];
    for (size_t shift = 0; shift < 4; shift++) {
        memset(text, 'x', sizeof(text));
        for (size_t i = shift; i + 4 < sizeof(text); i += 4)
            memcpy(text + i, "\xF0\x9F\x98\x80", 4);
        text[sizeof(text) - 1] = '\0';
        error_set(&err, ST_INVALID, "%s", text);
        size_t fits = shift + (ERROR_TEXT_SIZE - 1 - shift) / 4 * 4;
        assert_int_equal(strlen(err.text), fits);
        error_prefix(&err, "%s", "");
        assert_int_equal(strlen(err.text), fits);
    }
}

static void test_error_names(void **state)
{
    (void)state;
    assert_string_equal(error_code_name(ST_OK), "ok");
    assert_string_equal(error_code_name(ST_NOT_FOUND), "not_found");
    assert_string_equal(error_code_name(ST_CONFIG), "config");
    assert_string_equal(error_code_name(ST_CONFIG - 1), "unknown");
    assert_string_equal(error_code_name(1), "ok");
}

static void assert_nearest(const char *word, const char *expected)
{
    struct nearest n = {.word = str_from(word)};
    nearest_offer(&n, STR("input"));
    nearest_offer(&n, STR("output"));
    nearest_offer(&n, STR("id"));
    assert_text(n.best, expected);
}

static void test_nearest(void **state)
{
    (void)state;
    assert_nearest("inptu", "input");
    assert_nearest("INPUT", "input");
    assert_nearest("outputs", "output");
    assert_nearest("ids", "id");
    assert_nearest("banana", "");
    assert_nearest("", "");
    assert_nearest("inputinputinputinputinputinputinputinputinputinputinputinputinput", "");
}

static void assert_encoded(struct str data, const char *text)
{
    struct buffer encoded = BUFFER_INIT, decoded = BUFFER_INIT;
    base64url_encode(data, &encoded);
    assert_text(buffer_str(&encoded), text);
    assert_true(base64url_decode(str_from(text), &decoded));
    assert_true(str_eq(buffer_str(&decoded), data));
    buffer_clear(&encoded);
    buffer_clear(&decoded);
}

static void test_base64url(void **state)
{
    (void)state;
    assert_encoded(STR(""), "");
    assert_encoded(STR("f"), "Zg");
    assert_encoded(STR("fo"), "Zm8");
    assert_encoded(STR("foo"), "Zm9v");
    assert_encoded(STR("foob"), "Zm9vYg");
    assert_encoded(STR("\xFB\xFF\0"), "-_8A");
    static const char *const bad[] = {"Z", "Zg==", "Zh", "Zm9", "Zm 8", "Zm8+", "Zm8/", "Zm9vY"};
    for (size_t i = 0; i < sizeof(bad) / sizeof(bad[0]); i++) {
        struct buffer decoded = BUFFER_INIT;
        if (base64url_decode(str_from(bad[i]), &decoded))
            fail_msg("%s was taken", bad[i]);
        buffer_clear(&decoded);
    }
    struct buffer decoded = BUFFER_INIT;
    assert_false(base64url_decode(STR("Zm\0v"), &decoded));
    buffer_clear(&decoded);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_str),
        cmocka_unit_test(test_buffer),
        cmocka_unit_test(test_buffer_wipe),
        cmocka_unit_test(test_buffer_remembers_failure),
        cmocka_unit_test(test_arena),
        cmocka_unit_test(test_error),
        cmocka_unit_test(test_error_is_cut_at_a_character),
        cmocka_unit_test(test_error_names),
        cmocka_unit_test(test_nearest),
        cmocka_unit_test(test_base64url),
    };
    cmocka_set_message_output(CM_OUTPUT_TAP);
    return cmocka_run_group_tests(tests, NULL, NULL);
}
