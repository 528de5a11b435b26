/* The hub of changes, with a timer that the test lets run out. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>

#include <cmocka.h>

#include "core/changes/changes.h"

struct timer {
    void (*fire)(void *arg);
    void *arg;
    bool running;
    uint64_t delay_ms;
    int set;
};

struct ear;

struct world {
    struct timer_port port;
    struct timer *timer;
    bool no_timer;
    struct changes *changes;
    const struct change_service *service;
    char heard[400]; /* one word for each report: listener, kind, subject */
};

/* A listener that does something when it is told; from malloc, so that a use after free shows. */
struct ear {
    struct change_listener listener;
    struct world *w;
    char name;
    void (*act)(struct ear *ear);
    struct ear *other;
};

static struct timer *create(void *ctx, void (*fire)(void *), void *arg)
{
    struct world *w = ctx;
    if (w->no_timer)
        return NULL;
    w->timer = calloc(1, sizeof(*w->timer));
    assert_non_null(w->timer);
    *w->timer = (struct timer){.fire = fire, .arg = arg};
    return w->timer;
}

static void set(void *ctx, struct timer *timer, uint64_t delay_ms)
{
    (void)ctx;
    timer->running = true;
    timer->delay_ms = delay_ms;
    timer->set++;
}

static void stop(void *ctx, struct timer *timer)
{
    (void)ctx;
    timer->running = false;
}

static void free_timer(void *ctx, struct timer *timer)
{
    struct world *w = ctx;
    assert_ptr_equal(timer, w->timer);
    free(timer);
    w->timer = NULL;
}

static void run_out(struct world *w)
{
    assert_true(w->timer->running);
    w->timer->running = false;
    w->timer->fire(w->timer->arg);
}

static void changed(void *user, const struct change *change)
{
    static const char *const kinds[] = {"tools",    "prompts", "resources",
                                        "resource", "task",    "elicitation"};
    struct ear *ear = user;
    struct world *w = ear->w;
    size_t len = strlen(w->heard);
    snprintf(w->heard + len, sizeof(w->heard) - len, "%c:%s%s%.*s ", ear->name,
             kinds[change->kind], change->subject.len ? "=" : "", STR_ARG(change->subject));
    if (ear->act)
        ear->act(ear);
}

static struct ear *hear(struct world *w, char name, void (*act)(struct ear *))
{
    struct ear *ear = calloc(1, sizeof(*ear));
    assert_non_null(ear);
    *ear = (struct ear){.listener = {.changed = changed}, .w = w, .name = name, .act = act};
    ear->listener.user = ear;
    w->service->listen(w->service->ctx, &ear->listener);
    return ear;
}

static void leave(struct ear *ear)
{
    ear->w->service->unlisten(ear->w->service->ctx, &ear->listener);
}

static void leave_and_free(struct ear *ear)
{
    leave(ear);
    free(ear);
}

static void expect(struct world *w, const char *heard)
{
    assert_string_equal(w->heard, heard);
    w->heard[0] = '\0';
}

static int set_up(void **state)
{
    struct world *w = calloc(1, sizeof(*w));
    struct error err;
    assert_non_null(w);
    w->port = (struct timer_port){w, create, set, stop, free_timer};
    assert_int_equal(changes_new(&w->port, &w->changes, &err), ST_OK);
    w->service = changes_service(w->changes);
    *state = w;
    return 0;
}

static int tear_down(void **state)
{
    struct world *w = *state;
    changes_free(w->changes);
    assert_null(w->timer);
    free(w);
    return 0;
}

/* ---- bursts ------------------------------------------------------------------------------ */

static void test_a_burst_is_told_once(void **state)
{
    struct world *w = *state;
    struct ear *a = hear(w, 'a', NULL);
    for (int i = 0; i < 5; i++)
        changes_tell(w->changes, CHANGE_TOOLS, STR(""));
    expect(w, "");
    assert_int_equal(w->timer->set, 1);
    assert_int_equal(w->timer->delay_ms, CHANGES_GATHER_MS);
    run_out(w);
    expect(w, "a:tools ");
    assert_false(w->timer->running);
    leave_and_free(a);
}

static void test_a_burst_of_several_lists(void **state)
{
    struct world *w = *state;
    struct ear *a = hear(w, 'a', NULL);
    changes_tell(w->changes, CHANGE_RESOURCES, STR(""));
    changes_tell(w->changes, CHANGE_TOOLS, STR(""));
    changes_tell(w->changes, CHANGE_PROMPTS, STR(""));
    changes_tell(w->changes, CHANGE_RESOURCES, STR(""));
    assert_int_equal(w->timer->set, 1);
    run_out(w);
    expect(w, "a:tools a:prompts a:resources ");
    leave_and_free(a);
}

static void test_the_next_burst_is_told_again(void **state)
{
    struct world *w = *state;
    struct ear *a = hear(w, 'a', NULL);
    for (int i = 0; i < 3; i++) {
        changes_tell(w->changes, CHANGE_PROMPTS, STR(""));
        run_out(w);
        expect(w, "a:prompts ");
    }
    assert_int_equal(w->timer->set, 3);
    leave_and_free(a);
}

static void test_single_changes_are_told_at_once(void **state)
{
    struct world *w = *state;
    struct ear *a = hear(w, 'a', NULL);
    changes_tell(w->changes, CHANGE_TOOLS, STR(""));
    changes_tell(w->changes, CHANGE_RESOURCE, STR("x:1"));
    changes_tell(w->changes, CHANGE_RESOURCE, STR("x:1"));
    changes_tell(w->changes, CHANGE_TASK, STR("t"));
    changes_tell(w->changes, CHANGE_ELICITATION, STR("e"));
    expect(w, "a:resource=x:1 a:resource=x:1 a:task=t a:elicitation=e ");
    run_out(w);
    expect(w, "a:tools ");
    leave_and_free(a);
}

static void test_without_listeners_nothing_happens(void **state)
{
    struct world *w = *state;
    changes_tell(w->changes, CHANGE_RESOURCE, STR("x:1"));
    changes_tell(w->changes, CHANGE_TOOLS, STR(""));
    run_out(w);
    expect(w, "");
}

/* ---- who listens ------------------------------------------------------------------------- */

static void test_the_newest_listener_is_told_first(void **state)
{
    struct world *w = *state;
    struct ear *a = hear(w, 'a', NULL), *b = hear(w, 'b', NULL), *c = hear(w, 'c', NULL);
    changes_tell(w->changes, CHANGE_TASK, STR("1"));
    expect(w, "c:task=1 b:task=1 a:task=1 ");
    leave(b);
    changes_tell(w->changes, CHANGE_TASK, STR("2"));
    expect(w, "c:task=2 a:task=2 ");
    leave(c);
    changes_tell(w->changes, CHANGE_TASK, STR("3"));
    expect(w, "a:task=3 ");
    leave(a);
    changes_tell(w->changes, CHANGE_TASK, STR("4"));
    expect(w, "");
    free(a);
    free(b);
    free(c);
}

static void test_who_left_can_come_back(void **state)
{
    struct world *w = *state;
    struct ear *a = hear(w, 'a', NULL), *b = hear(w, 'b', NULL);
    leave(a);
    w->service->listen(w->service->ctx, &a->listener);
    changes_tell(w->changes, CHANGE_TASK, STR("1"));
    expect(w, "a:task=1 b:task=1 ");
    leave_and_free(a);
    leave_and_free(b);
}

static void test_to_leave_twice_changes_nothing(void **state)
{
    struct world *w = *state;
    struct ear *a = hear(w, 'a', NULL), *b = hear(w, 'b', NULL);
    leave(b);
    leave(b);
    changes_tell(w->changes, CHANGE_TASK, STR("1"));
    expect(w, "a:task=1 ");
    leave(a);
    leave(a);
    leave_and_free(b);
    free(a);
}

static void test_who_leaves_before_the_timer_hears_nothing(void **state)
{
    struct world *w = *state;
    struct ear *a = hear(w, 'a', NULL), *b = hear(w, 'b', NULL);
    changes_tell(w->changes, CHANGE_TOOLS, STR(""));
    leave_and_free(b);
    run_out(w);
    expect(w, "a:tools ");
    leave_and_free(a);
}

/* ---- while it is told -------------------------------------------------------------------- */

static void leave_other(struct ear *ear)
{
    if (ear->other)
        leave_and_free(ear->other);
    ear->other = NULL;
}

static void test_each_may_take_itself_out(void **state)
{
    struct world *w = *state;
    for (char name = 'a'; name <= 'c'; name++)
        hear(w, name, leave_and_free);
    changes_tell(w->changes, CHANGE_TASK, STR("1"));
    expect(w, "c:task=1 b:task=1 a:task=1 ");
    changes_tell(w->changes, CHANGE_TASK, STR("2"));
    expect(w, "");
}

static void test_the_next_is_taken_out(void **state)
{
    struct world *w = *state;
    struct ear *a = hear(w, 'a', NULL), *b = hear(w, 'b', NULL), *c = hear(w, 'c', leave_other);
    c->other = b;
    changes_tell(w->changes, CHANGE_TASK, STR("1"));
    expect(w, "c:task=1 a:task=1 ");
    leave_and_free(a);
    leave_and_free(c);
}

static void test_the_last_and_the_one_before_are_taken_out(void **state)
{
    struct world *w = *state;
    struct ear *a = hear(w, 'a', NULL), *b = hear(w, 'b', leave_other), *c = hear(w, 'c', NULL);
    b->other = a;
    changes_tell(w->changes, CHANGE_TASK, STR("1"));
    expect(w, "c:task=1 b:task=1 ");
    b->other = c;
    changes_tell(w->changes, CHANGE_TASK, STR("2"));
    expect(w, "c:task=2 b:task=2 ");
    changes_tell(w->changes, CHANGE_TASK, STR("3"));
    expect(w, "b:task=3 ");
    leave_and_free(b);
}

static void bring_another(struct ear *ear)
{
    if (!ear->other)
        ear->other = hear(ear->w, 'n', NULL);
}

static void test_who_comes_while_it_is_told_hears_the_next_one(void **state)
{
    struct world *w = *state;
    struct ear *a = hear(w, 'a', bring_another);
    changes_tell(w->changes, CHANGE_TASK, STR("1"));
    expect(w, "a:task=1 ");
    changes_tell(w->changes, CHANGE_TASK, STR("2"));
    expect(w, "n:task=2 a:task=2 ");
    leave_and_free(a->other);
    leave_and_free(a);
}

static void tell_inside(struct ear *ear)
{
    ear->act = NULL;
    changes_tell(ear->w->changes, CHANGE_TASK, STR("inner"));
}

static void test_a_change_that_is_told_inside_of_another(void **state)
{
    struct world *w = *state;
    struct ear *a = hear(w, 'a', NULL), *b = hear(w, 'b', tell_inside), *c = hear(w, 'c', NULL);
    changes_tell(w->changes, CHANGE_RESOURCE, STR("x:1"));
    expect(w, "c:resource=x:1 b:resource=x:1 c:task=inner b:task=inner a:task=inner "
              "a:resource=x:1 ");
    leave_and_free(a);
    leave_and_free(b);
    leave_and_free(c);
}

static void test_the_one_to_be_told_next_leaves_inside_of_another_change(void **state)
{
    struct world *w = *state;
    struct ear *a = hear(w, 'a', NULL), *b = hear(w, 'b', leave_and_free),
               *c = hear(w, 'c', tell_inside);
    changes_tell(w->changes, CHANGE_RESOURCE, STR("x:1"));
    (void)b;
    expect(w, "c:resource=x:1 c:task=inner b:task=inner a:task=inner a:resource=x:1 ");
    leave_and_free(a);
    leave_and_free(c);
}

static void publish_tool(struct ear *ear)
{
    ear->act = NULL;
    changes_tell(ear->w->changes, CHANGE_TOOLS, STR(""));
}

static void test_a_list_that_changes_while_its_change_is_told(void **state)
{
    struct world *w = *state;
    struct ear *a = hear(w, 'a', publish_tool);
    changes_tell(w->changes, CHANGE_TOOLS, STR(""));
    run_out(w);
    expect(w, "a:tools ");
    run_out(w);
    expect(w, "a:tools ");
    leave_and_free(a);
}

static void test_a_list_that_changes_while_others_wait_to_be_told(void **state)
{
    struct world *w = *state;
    struct ear *a = hear(w, 'a', publish_tool);
    changes_tell(w->changes, CHANGE_TOOLS, STR(""));
    changes_tell(w->changes, CHANGE_PROMPTS, STR(""));
    run_out(w);
    expect(w, "a:tools a:prompts ");
    run_out(w);
    expect(w, "a:tools ");
    changes_tell(w->changes, CHANGE_RESOURCES, STR(""));
    run_out(w);
    expect(w, "a:resources ");
    leave_and_free(a);
}

/* ---- its life ---------------------------------------------------------------------------- */

static void test_what_is_gathered_is_not_told_when_it_goes(void **state)
{
    struct world *w = *state;
    struct ear *a = hear(w, 'a', NULL);
    changes_tell(w->changes, CHANGE_TOOLS, STR(""));
    changes_free(w->changes);
    w->changes = NULL;
    assert_null(w->timer);
    expect(w, "");
    free(a);
}

static void test_without_a_timer_there_is_no_hub(void **state)
{
    struct world w = {.no_timer = true};
    struct changes *out = NULL;
    struct error err;
    (void)state;
    w.port = (struct timer_port){&w, create, set, stop, free_timer};
    assert_int_equal(changes_new(&w.port, &out, &err), ST_NOMEM);
    assert_string_equal(err.text, "out of memory");
    assert_null(out);
    changes_free(NULL);
}

#define TEST(name) cmocka_unit_test_setup_teardown(name, set_up, tear_down)

int main(void)
{
    const struct CMUnitTest tests[] = {
        TEST(test_a_burst_is_told_once),
        TEST(test_a_burst_of_several_lists),
        TEST(test_the_next_burst_is_told_again),
        TEST(test_single_changes_are_told_at_once),
        TEST(test_without_listeners_nothing_happens),
        TEST(test_the_newest_listener_is_told_first),
        TEST(test_who_left_can_come_back),
        TEST(test_to_leave_twice_changes_nothing),
        TEST(test_who_leaves_before_the_timer_hears_nothing),
        TEST(test_each_may_take_itself_out),
        TEST(test_the_next_is_taken_out),
        TEST(test_the_last_and_the_one_before_are_taken_out),
        TEST(test_who_comes_while_it_is_told_hears_the_next_one),
        TEST(test_a_change_that_is_told_inside_of_another),
        TEST(test_the_one_to_be_told_next_leaves_inside_of_another_change),
        TEST(test_a_list_that_changes_while_its_change_is_told),
        TEST(test_a_list_that_changes_while_others_wait_to_be_told),
        TEST(test_what_is_gathered_is_not_told_when_it_goes),
        cmocka_unit_test(test_without_a_timer_there_is_no_hub),
    };
    cmocka_set_message_output(CM_OUTPUT_TAP);
    return cmocka_run_group_tests(tests, NULL, NULL);
}
