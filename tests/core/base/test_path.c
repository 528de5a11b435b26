/* Paths as text. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include "core/base/path.h"

static void is_cleaned(const char *path, const char *want)
{
    struct buffer out = BUFFER_INIT;
    struct error err = {0};
    buffer_add_str(&out, STR("before"));
    assert_int_equal(path_clean(str_from(path), &out, &err), ST_OK);
    buffer_drop_front(&out, 6);
    buffer_add_char(&out, '\0');
    assert_string_equal(out.data, want);
    buffer_clear(&out);
}

static void test_cleaned(void **state)
{
    (void)state;
    is_cleaned("/", "/");
    is_cleaned("//", "/");
    is_cleaned("/a", "/a");
    is_cleaned("/a/", "/a");
    is_cleaned("//a//b///", "/a/b");
    is_cleaned("/a/./b/.", "/a/b");
    is_cleaned("/a/b/..", "/a");
    is_cleaned("/a/..", "/");
    is_cleaned("/a/../..", "/");
    is_cleaned("/../../etc", "/etc");
    is_cleaned("/a/.../b", "/a/.../b");
    is_cleaned("/a/..b/b..", "/a/..b/b..");
    is_cleaned("a", "a");
    is_cleaned("a/b/", "a/b");
    is_cleaned("./a", "a");
    is_cleaned(".", "");
    is_cleaned("a/..", "");
    is_cleaned("a/../b", "b");
    is_cleaned("a/b/../../c", "c");
    is_cleaned("a\nb/\\..", "a\nb/\\..");
}

static void is_refused(struct str path, int code, const char *why)
{
    struct buffer out = BUFFER_INIT;
    struct error err = {0};
    buffer_add_str(&out, STR("before"));
    assert_int_equal(path_clean(path, &out, &err), code);
    assert_string_equal(err.text, why);
    assert_int_equal(out.len, 6);
    buffer_clear(&out);
}

static void test_refused(void **state)
{
    (void)state;
    static char longer[PATH_BYTES_MAX + 1];
    memset(longer, 'a', sizeof(longer));
    is_refused(STR(""), ST_INVALID, "the path is empty");
    is_refused(STR("/a\0b"), ST_INVALID, "the path has a NUL (U+0000) in it; no file can");
    is_refused((struct str){longer, sizeof(longer)}, ST_INVALID,
               "the path has 4097 bytes; the limit is 4096");
    is_refused(STR(".."), ST_DENIED, "\"..\" leads above the folder that it begins in");
    is_refused(STR("a/../../b"), ST_DENIED,
               "\"a/../../b\" leads above the folder that it begins in");
}

static void is_beneath(const char *path, const char *folder, const char *want)
{
    struct str rest = STR("untouched");
    bool found = path_beneath(str_from(path), str_from(folder), &rest);
    assert_int_equal(found, want != NULL);
    assert_true(str_eq(rest, want ? str_from(want) : STR("untouched")));
}

static void test_beneath(void **state)
{
    (void)state;
    is_beneath("/a/b", "/a", "b");
    is_beneath("/a/b/c", "/a", "b/c");
    is_beneath("/a", "/a", "");
    is_beneath("/", "/", "");
    is_beneath("/a/b", "/", "a/b");
    is_beneath("/ab", "/a", NULL);
    is_beneath("/a", "/a/b", NULL);
    is_beneath("/b/a", "/a", NULL);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_cleaned),
        cmocka_unit_test(test_refused),
        cmocka_unit_test(test_beneath),
    };
    cmocka_set_message_output(CM_OUTPUT_TAP);
    return cmocka_run_group_tests(tests, NULL, NULL);
}
