/* The parts of file-watcher that need no files: patterns, changes that become one, numbers of folders. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <string.h>

#include <cmocka.h>

#include "plugins/tools/file-watcher/changes.h"
#include "plugins/tools/file-watcher/glob.h"
#include "plugins/tools/file-watcher/watches.h"

static void patterns(void **state)
{
    static const struct {
        const char *pattern, *path;
        bool fits;
    } cases[] = {
        {"*.txt", "a.txt", true},       {"*.txt", "deep/er/a.txt", true}, {"*.txt", "a.txt.bak", false},
        {"?.c", "a.c", true},           {"?.c", "ab.c", false},           {"*", "", true},
        {"a*b*c", "a1b2b3c", true},     {"a*b*c", "a1b2b3", false},       {"[ab].c", "b.c", true},
        {"[!ab].c", "b.c", false},      {"[^ab].c", "x.c", true},         {"[a-c]x", "bx", true},
        {"[a-c]x", "dx", false},        {"[]]", "]", true},               {"[a", "[a", true},
        {"\\*", "*", true},             {"\\*", "x", false},              {"src/*.c", "src/a.c", true},
        {"src/*.c", "src/x/a.c", false}, {"src/**/*.c", "src/x/y/a.c", true},
        {"src/**/*.c", "src/a.c", true}, {"**/a", "a", true},             {"**/a", "x/y/a", true},
        {"a/**", "a/b/c", true},        {"a/**", "b/c", false},           {"**", "a/b", true},
        {"a/?", "a//", false},          {"*/b", "a/c/b", false},          {"x/*/z", "x/y/z", true},
    };
    (void)state;
    for (size_t i = 0; i < sizeof(cases) / sizeof(cases[0]); i++)
        if (glob_fits(cases[i].pattern, cases[i].path) != cases[i].fits)
            fail_msg("%s on %s", cases[i].pattern, cases[i].path);
}

static void patterns_take_no_time_that_explodes(void **state)
{
    char name[256];
    (void)state;
    memset(name, 'a', sizeof(name) - 1);
    name[255] = '\0';
    assert_false(glob_fits("a*a*a*a*a*a*a*a*a*a*a*a*a*a*a*a*a*a*a*a*b", name));
    assert_false(glob_fits("**a**a**a**a**a**a**a**a**a**a**/**a**b", name));
}

static void expect(struct changes *c, enum change_kind kind, const char *path, const char *old_path)
{
    struct change change;
    assert_true(changes_take(c, false, &change));
    assert_int_equal(change.kind, kind);
    assert_string_equal(change.path, path);
    if (old_path)
        assert_string_equal(change.old_path, old_path);
    else
        assert_null(change.old_path);
    change_free(&change);
}

static void expect_none(struct changes *c)
{
    struct change change;
    assert_false(changes_take(c, false, &change));
}

static void changes_become_one(void **state)
{
    struct changes c = {.debounce_ms = 100, .now_ms = 1000};
    (void)state;
    assert_true(changes_add(&c, CHANGE_CREATE, "a", false, true));
    assert_true(changes_add(&c, CHANGE_MODIFY, "a", false, true));
    assert_true(changes_add(&c, CHANGE_OTHER, "a", false, true));
    assert_true(changes_add(&c, CHANGE_OTHER, "b", false, true));
    assert_true(changes_add(&c, CHANGE_MODIFY, "b", false, true));
    expect_none(&c);
    assert_int_equal(changes_due(&c, 500), 100);
    assert_int_equal(changes_due(&c, 50), 50);
    c.now_ms = 1060;
    assert_true(changes_add(&c, CHANGE_MODIFY, "a", false, true));
    c.now_ms = 1100;
    expect(&c, CHANGE_MODIFY, "b", NULL);
    expect_none(&c);
    assert_true(changes_add(&c, CHANGE_DELETE, "a", false, true));
    assert_true(changes_add(&c, CHANGE_CREATE, "a", false, true));
    c.now_ms = 1200;
    expect(&c, CHANGE_CREATE, "a", NULL);
    expect(&c, CHANGE_DELETE, "a", NULL);
    expect(&c, CHANGE_CREATE, "a", NULL);
    expect_none(&c);
    changes_free(&c);
}

static void halves_become_a_rename(void **state)
{
    struct changes c = {.debounce_ms = 0, .now_ms = 1};
    const struct change *left;
    (void)state;
    assert_true(changes_left(&c, "old", false, false, 7));
    expect_none(&c); /* the other half may come */
    assert_true(changes_came(&c, "other", false, true, 8, &left));
    assert_null(left);
    assert_true(changes_came(&c, "new", false, true, 7, &left));
    assert_string_equal(left->old_path, "old");
    assert_true(left->shown);
    expect(&c, CHANGE_RENAME, "new", "old");
    expect(&c, CHANGE_CREATE, "other", NULL);
    assert_true(changes_left(&c, "gone", false, true, 9));
    c.now_ms = 21;
    expect(&c, CHANGE_DELETE, "gone", NULL);
    changes_free(&c);
}

#define NOTED_SIZE 100

static void note(void *arg, const char *path)
{
    char *paths = arg;
    size_t len = strlen(paths);
    snprintf(paths + len, NOTED_SIZE - len, "%s ", path);
}

static void halves_settle(void **state)
{
    struct changes c = {.debounce_ms = 5000, .now_ms = 1000};
    const struct change *left;
    char paths[NOTED_SIZE] = "";
    (void)state;
    assert_true(changes_left(&c, "folder", true, true, 7));
    assert_true(changes_left(&c, "file", false, true, 8));
    assert_int_equal(changes_due(&c, 500), 20);
    c.now_ms += 19;
    changes_settle(&c, note, paths);
    assert_string_equal(paths, "");
    c.now_ms++;
    changes_settle(&c, note, paths);
    changes_settle(&c, note, paths);
    assert_string_equal(paths, "folder ");
    assert_int_equal(changes_due(&c, 9000), 4980);
    assert_true(changes_came(&c, "new", true, true, 7, &left));
    assert_null(left);
    assert_int_equal(c.count, 3);
    changes_free(&c);
}

static void count(void *arg, int number)
{
    *(int *)arg += number;
}

static void folders_move(void **state)
{
    struct watches w = {0};
    bool is_new;
    int sum = 0;
    (void)state;
    assert_true(watches_add(&w, 1, "a", &is_new) && is_new);
    assert_true(watches_add(&w, 100, "a/b", &is_new) && is_new);
    assert_true(watches_add(&w, 3, "ab", &is_new) && is_new);
    assert_ptr_equal(watches_add(&w, 3, "again", &is_new), watches_find(&w, 3));
    assert_false(is_new);
    assert_true(watches_move(&w, "a", "z/y"));
    assert_string_equal(watches_find(&w, 100)->path, "z/y/b");
    assert_string_equal(watches_find(&w, 3)->path, "ab");
    watches_beneath(&w, "z/y", count, &sum);
    assert_int_equal(sum, 101);
    /* Two change places: the system tells one half of that after the other. */
    assert_true(watches_move(&w, "ab", "z/y"));
    assert_true(watches_move(&w, "z/y", "ab"));
    assert_string_equal(watches_find(&w, 3)->path, "z/y");
    assert_string_equal(watches_find(&w, 1)->path, "ab");
    assert_string_equal(watches_find(&w, 100)->path, "ab/b");
    assert_true(watch_only(watches_find(&w, 3), "f"));
    assert_true(watch_shows(watches_find(&w, 3), "f"));
    assert_false(watch_shows(watches_find(&w, 3), "g"));
    watches_remove(&w, 3);
    assert_null(watches_find(&w, 3));
    assert_null(watches_find(&w, 5000));
    assert_int_equal(w.count, 2);
    watches_free(&w);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(patterns),           cmocka_unit_test(patterns_take_no_time_that_explodes),
        cmocka_unit_test(changes_become_one), cmocka_unit_test(halves_become_a_rename),
        cmocka_unit_test(halves_settle),      cmocka_unit_test(folders_move),
    };
    cmocka_set_message_output(CM_OUTPUT_TAP);
    return cmocka_run_group_tests(tests, NULL, NULL);
}
