/* Operations of sessions past hooks, which say something at once or later. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <string.h>

#include <cmocka.h>

#include "tests/core/fakes/fake_hooks.h"
#include "tests/core/session/world.h"

static struct world *w;
static struct fake_hook hook;
static char id[64], text[1000];

static int start(void **test)
{
    (void)test;
    fake_hooks_open();
    world_hooks = fake_hooks;
    w = world_new();
    hook = (struct fake_hook){0};
    return 0;
}

static int end(void **test)
{
    (void)test;
    if (w)
        world_free(w);
    fake_hooks_close();
    world_hooks = NULL;
    return 0;
}

static void hook_with(const char *point, const char *json, bool late)
{
    hook.json = json;
    hook.late = late;
    fake_hooks_add(&hook, point);
}

static int execute(const char *operation, const char *format)
{
    w->done = 0;
    int rc = run_on(w, &w->ann, operation, id, format);
    if (hook.late && hook.turn) {
        assert_int_equal(w->done, 0);
        fake_hook_answer(&hook);
        rc = w->code;
    }
    assert_int_equal(w->done, 1);
    return rc;
}

static void create(void)
{
    assert_int_equal(run(w, &w->ann, "session.create", "{\"title\":\"Trip\"}"), 0);
    snprintf(id, sizeof(id), "%s", member(w, "id"));
}

static const char *with_id(const char *format)
{
    snprintf(text, sizeof(text), format, id, id);
    return text;
}

#define BOTH(name)                             \
    static void name##_at_once(void **test)    \
    {                                          \
        (void)test;                            \
        name(false);                           \
    }                                          \
    static void name##_late(void **test)       \
    {                                          \
        (void)test;                            \
        name(true);                            \
    }
#define TWICE(name)                                          \
    cmocka_unit_test_setup_teardown(name##_at_once, start, end), \
        cmocka_unit_test_setup_teardown(name##_late, start, end)

static void a_start_is_changed(bool late)
{
    hook_with("SessionStart",
              "{\"result\":\"modified\",\"data\":{\"/title\":\"Tr\\u00edp\",\"/description\":\"by a hook\"}}",
              late);
    assert_int_equal(execute("session.create", "{\"title\":\"Trip\",\"agent\":\"a\"}"), 0);
    snprintf(id, sizeof(id), "%s", member(w, "id"));
    assert_string_equal(hook.saw, with_id("{\"\":{\"session\":\"%s\",\"action\":\"create\","
                                          "\"title\":\"Trip\",\"agent\":\"a\"}}"));
    assert_int_equal(execute("session.get", "{\"id\":\"%s\"}"), 0);
    assert_string_equal(member(w, "title"), "Tr\u00edp");
    assert_string_equal(member(w, "description"), "by a hook");
    assert_int_equal(fake_event_store_count(w->store), 1);
}
BOTH(a_start_is_changed)

static void a_start_is_cancelled(bool late)
{
    hook_with("SessionStart", "{\"result\":\"cancel\",\"reason\":\"too many\"}", late);
    assert_int_equal(execute("session.create", "{}"), ST_DENIED);
    assert_non_null(strstr(w->text, " was not done: too many (hook \"SessionStart\")"));
    assert_memory_equal(w->text, "session.create of ", 18);
    assert_int_equal(fake_event_store_count(w->store), 0);
}
BOTH(a_start_is_cancelled)

static void a_start_is_not_made_wrong(bool late)
{
    hook_with("SessionStart", "{\"result\":\"modified\",\"data\":{\"/title\":7}}", late);
    assert_int_equal(execute("session.create", "{}"), ST_PROTOCOL);
    assert_string_equal(w->text, "session.create was not done: a hook changed the title to what is no "
                                 "text of at most 255 characters");
    assert_int_equal(fake_event_store_count(w->store), 0);
}
BOTH(a_start_is_not_made_wrong)

static void a_command_is_not_saved(bool late)
{
    create();
    hook_with("SessionSave", "{\"result\":\"cancel\",\"reason\":\"read only\"}", late);
    assert_int_equal(execute("session.send", "{\"id\":\"%s\",\"text\":\"hello\"}"), ST_DENIED);
    assert_string_equal(w->text,
                        with_id("session.send of %s was not done: read only (hook \"SessionSave\")"));
    assert_string_equal(hook.saw,
                        with_id("{\"\":{\"session\":\"%s\",\"action\":\"send\",\"arguments\":"
                                "{\"id\":\"%s\",\"text\":\"hello\"}}}"));
    assert_int_equal(fake_event_store_count(w->store), 1);
}
BOTH(a_command_is_not_saved)

static void a_command_is_saved(bool late)
{
    create();
    hook_with("SessionSave", "{\"result\":\"continue\"}", late);
    assert_int_equal(execute("session.send", "{\"id\":\"%s\",\"text\":\"hello\"}"), 0);
    assert_string_equal(member(w, "version"), "2");
    assert_int_equal(execute("session.tag", "{\"id\":\"%s\",\"add\":[\"x\"]}"), 0);
    assert_string_equal(member(w, "version"), "3");
    assert_int_equal(hook.runs, 2);
}
BOTH(a_command_is_saved)

static void commands_keep_their_order(void **test)
{
    (void)test;
    create();
    hook_with("SessionSave", "{\"result\":\"continue\"}", true);
    w->done = 0;
    run_on(w, &w->ann, "session.rename", id, "{\"id\":\"%s\",\"title\":\"one\"}");
    run_on(w, &w->ann, "session.rename", id, "{\"id\":\"%s\",\"title\":\"two\"}");
    assert_int_equal(hook.runs, 1);
    fake_hook_answer(&hook);
    assert_int_equal(w->done, 1);
    assert_string_equal(member(w, "version"), "2");
    assert_int_equal(hook.runs, 2);
    fake_hook_answer(&hook);
    assert_int_equal(w->done, 2);
    assert_string_equal(member(w, "version"), "3");
    run_on(w, &w->ann, "session.get", id, "{\"id\":\"%s\"}");
    assert_string_equal(member(w, "title"), "two");
}

static void a_hook_that_is_too_late_is_left(void **test)
{
    (void)test;
    create();
    hook_with("SessionSave", "{\"result\":\"continue\"}", true);
    w->done = 0;
    run_on(w, &w->ann, "session.send", id, "{\"id\":\"%s\",\"text\":\"hello\"}");
    assert_int_equal(w->done, 0);
    fake_hooks_expire();
    assert_int_equal(w->done, 1);
    assert_string_equal(member(w, "version"), "2");
    assert_int_equal(hook.cancels, 1);
}

static void an_end_is_told(bool late)
{
    create();
    hook_with("SessionEnd", "{\"result\":\"continue\"}", late);
    w->done = 0;
    assert_int_equal(run_on(w, &w->ann, "session.close", id, "{\"id\":\"%s\"}"), 0);
    assert_int_equal(w->done, 1);
    assert_string_equal(hook.saw,
                        with_id("{\"\":{\"session\":\"%s\",\"action\":\"close\",\"arguments\":"
                                "{\"id\":\"%s\"},\"version\":2,\"status\":\"completed\"}}"));
    assert_int_equal(run_on(w, &w->ann, "session.close", id, "{\"id\":\"%s\"}"), ST_INVALID);
    assert_int_equal(hook.runs, 1);
    if (late)
        fake_hook_answer(&hook);
}
BOTH(an_end_is_told)

static void a_fork_is_cancelled(bool late)
{
    create();
    hook_with("SessionRestore", "{\"result\":\"cancel\",\"reason\":\"one is enough\"}", late);
    assert_int_equal(execute("session.fork", "{\"id\":\"%s\"}"), ST_DENIED);
    assert_string_equal(
        w->text, with_id("session.fork of %s was not done: one is enough (hook \"SessionRestore\")"));
    assert_string_equal(hook.saw, with_id("{\"\":{\"session\":\"%s\",\"action\":\"fork\",\"arguments\":"
                                          "{\"id\":\"%s\"},\"version\":1}}"));
    assert_int_equal(fake_event_store_count(w->store), 1);
}
BOTH(a_fork_is_cancelled)

static void a_fork_is_made(bool late)
{
    create();
    hook_with("SessionRestore", "{\"result\":\"continue\"}", late);
    assert_int_equal(execute("session.fork", "{\"id\":\"%s\"}"), 0);
    assert_string_equal(member(w, "parent"), id);
}
BOTH(a_fork_is_made)

/* Leaves the name of the import in `id`. */
static void import_all(void)
{
    create();
    buffer_clear(&w->pieces);
    assert_int_equal(run_on(w, &w->ann, "session.export", id, "{\"id\":\"%s\"}"), 0);
    assert_int_equal(run(w, &w->ann, "session.import_begin", "{}"), 0);
    snprintf(id, sizeof(id), "%s", member(w, "import"));
    snprintf(text, sizeof(text), "{\"import\":\"%s\"}", id);
    assert_int_equal(run_bytes(w, &w->ann, "session.import_write", text, buffer_str(&w->pieces)), 0);
}

static void an_import_is_cancelled(bool late)
{
    import_all();
    hook_with("SessionRestore", "{\"result\":\"cancel\",\"reason\":\"not that one\"}", late);
    assert_int_equal(execute("session.import_finish", "{\"import\":\"%s\"}"), ST_DENIED);
    assert_non_null(strstr(w->text, " was not done: not that one (hook \"SessionRestore\")"));
    assert_int_equal(fake_event_store_count(w->store), 1);
    assert_int_equal(run_on(w, &w->ann, "session.import_finish", id, "{\"import\":\"%s\"}"),
                     ST_NOT_FOUND);
}
BOTH(an_import_is_cancelled)

static void an_import_is_made(bool late)
{
    import_all();
    hook_with("SessionRestore", "{\"result\":\"continue\"}", late);
    assert_int_equal(execute("session.import_finish", "{\"import\":\"%s\"}"), 0);
    assert_string_equal(member(w, "version"), "2");
}
BOTH(an_import_is_made)

static void nothing_is_told_after_the_end(void **test)
{
    static const char *const points[] = {"SessionSave", "SessionRestore", "SessionStart"};
    static const char *const operations[] = {"session.suspend", "session.fork", "session.create"};
    static const char *const arguments[] = {"{\"id\":\"%s\"}", "{\"id\":\"%s\"}", "{}"};
    static struct fake_hook late[3];
    int before;
    (void)test;
    create();
    for (size_t i = 0; i < 3; i++) {
        late[i] = (struct fake_hook){.json = "{\"result\":\"continue\"}", .late = true};
        fake_hooks_add(&late[i], points[i]);
    }
    before = w->done;
    for (size_t i = 0; i < 3; i++)
        run_on(w, &w->ann, operations[i], id, arguments[i]);
    assert_int_equal(w->done, before);
    world_free(w);
    w = NULL;
    for (size_t i = 0; i < 3; i++)
        assert_int_equal(late[i].cancels, 1);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        TWICE(a_start_is_changed),
        TWICE(a_start_is_cancelled),
        TWICE(a_start_is_not_made_wrong),
        TWICE(a_command_is_not_saved),
        TWICE(a_command_is_saved),
        cmocka_unit_test_setup_teardown(commands_keep_their_order, start, end),
        cmocka_unit_test_setup_teardown(a_hook_that_is_too_late_is_left, start, end),
        TWICE(an_end_is_told),
        TWICE(a_fork_is_cancelled),
        TWICE(a_fork_is_made),
        TWICE(an_import_is_cancelled),
        TWICE(an_import_is_made),
        cmocka_unit_test_setup_teardown(nothing_is_told_after_the_end, start, end),
    };
    cmocka_set_message_output(CM_OUTPUT_TAP);
    return cmocka_run_group_tests(tests, NULL, NULL);
}
