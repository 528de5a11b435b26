#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdio.h>
#include <string.h>

#include <cmocka.h>

#include "hexmcp/host/catalog.h"
#include "hexmcp/host/notify.h"
#include "hexmcp/test/fake_host.h"
#include "tests/plugins/support/fake_schema.h"

#define S(text) ((hexmcp_str){text, sizeof(text) - 1})

static hexmcp_fake *fake;
static const hexmcp_host *host;

static int begin(void **state)
{
    (void)state;
    fake = hexmcp_fake_new();
    host = hexmcp_fake_host(fake);
    return 0;
}

static int end(void **state)
{
    (void)state;
    hexmcp_fake_free(fake);
    return 0;
}

/* The one breach that there was. */
static void assert_breach(const char *text)
{
    char breach[500];
    assert_int_equal(hexmcp_fake_take_breach(fake, breach, sizeof(breach)), 1);
    assert_string_equal(breach, text);
}

static void close_call(hexmcp_call call, const char *json)
{
    hexmcp_error none = {sizeof(none), 0, ""};
    hexmcp_fake_answer answer;
    hexmcp_fake_close(fake, call, HEXMCP_OK, &none, &answer);
    assert_string_equal(answer.json, json);
    hexmcp_fake_answer_free(&answer);
}

static void keeps_the_first_completion_only(void **state)
{
    hexmcp_call call = hexmcp_fake_open(fake);
    (void)state;
    assert_int_equal(host->complete(host->ctx, call, HEXMCP_RESULT, S("{}")), HEXMCP_OK);
    close_call(call, "{}");
    assert_int_equal(host->complete(host->ctx, call, HEXMCP_RESULT, S("{}")), HEXMCP_E_NOT_FOUND);
    assert_breach("call 1 was completed twice");
    assert_int_equal(host->complete(host->ctx, 0, HEXMCP_RESULT, S("{}")), HEXMCP_E_NOT_FOUND);
    assert_breach("call 0 was completed, but there is no such call");
}

static void tells_of_cancellation(void **state)
{
    const hexmcp_call_info_1 *info = host->get_interface(host->ctx, HEXMCP_CALL_1);
    hexmcp_call call = hexmcp_fake_open(fake);
    (void)state;
    assert_int_equal(info->cancelled(info->ctx, call), 0);
    assert_int_equal(info->remaining_ms(info->ctx, call), 30000);
    hexmcp_fake_mark_cancelled(fake, call);
    assert_int_equal(info->cancelled(info->ctx, call), 1);
    assert_int_equal(info->remaining_ms(info->ctx, call), 0);
    assert_int_equal(info->cancelled(info->ctx, 999), 1);
    host->complete(host->ctx, call, HEXMCP_CANCELLED, S(""));
    close_call(call, "");
}

static void counts_rising_progress(void **state)
{
    hexmcp_call call = hexmcp_fake_open(fake);
    (void)state;
    assert_int_equal(host->progress(host->ctx, call, 1, 3, S("one")), HEXMCP_OK);
    assert_int_equal(host->progress(host->ctx, call, 1, 3, S("again")), HEXMCP_OK);
    assert_int_equal(host->progress(host->ctx, call, 2, 3, S("")), HEXMCP_OK);
    assert_int_equal(hexmcp_fake_notes(fake, HEXMCP_FAKE_NOTE_PROGRESS), 2);
    host->complete(host->ctx, call, HEXMCP_RESULT, S("{}"));
    assert_int_equal(host->progress(host->ctx, call, 3, 3, S("")), HEXMCP_E_NOT_FOUND);
    close_call(call, "{}");
}

static void keeps_log_lines(void **state)
{
    (void)state;
    assert_null(hexmcp_fake_last_note(fake, HEXMCP_FAKE_NOTE_LOG));
    host->log(host->ctx, 0, HEXMCP_LOG_WARNING, S("careful"));
    host->log(host->ctx, 7, HEXMCP_LOG_INFO, S("now"));
    const hexmcp_fake_record *first = hexmcp_fake_note(fake, HEXMCP_FAKE_NOTE_LOG, 0);
    assert_int_equal(first->level, HEXMCP_LOG_WARNING);
    assert_string_equal(first->text, "careful");
    const hexmcp_fake_record *last = hexmcp_fake_last_note(fake, HEXMCP_FAKE_NOTE_LOG);
    assert_int_equal(last->call, 7);
    assert_string_equal(last->text, "now");
    assert_null(hexmcp_fake_note(fake, HEXMCP_FAKE_NOTE_LOG, 2));
}

static void *ask_where(void *arg)
{
    const hexmcp_thread_check_1 *check = host->get_interface(host->ctx, HEXMCP_THREAD_CHECK_1);
    int *where = arg;
    where[0] = check->is_loop(check->ctx);
    where[1] = check->is_worker(check->ctx);
    return NULL;
}

static void knows_its_threads(void **state)
{
    int where[2];
    (void)state;
    ask_where(where);
    assert_int_equal(where[0], 1);
    assert_int_equal(where[1], 0);
    pthread_join(hexmcp_fake_worker(fake, ask_where, where), NULL);
    assert_int_equal(where[0], 0);
    assert_int_equal(where[1], 1);
}

static char order[8];

static void note(void *arg, int32_t status, hexmcp_str json)
{
    (void)json;
    if (status == HEXMCP_E_CANCELLED) /* the host is freed */
        return;
    assert_int_equal(status, HEXMCP_OK);
    strcat(order, arg);
}

static void answers_timers_in_order(void **state)
{
    const hexmcp_timer_1 *timer = host->get_interface(host->ctx, HEXMCP_TIMER_1);
    char a[] = "a", b[] = "b", c[] = "c";
    (void)state;
    order[0] = '\0';
    assert_int_equal(timer->after(timer->ctx, 20, note, c), HEXMCP_OK);
    assert_int_equal(timer->after(timer->ctx, 10, note, b), HEXMCP_OK);
    assert_int_equal(timer->after(timer->ctx, 0, note, a), HEXMCP_OK);
    assert_int_equal(timer->after(timer->ctx, 86400001, note, a), HEXMCP_E_INVALID);
    hexmcp_fake_advance(fake, 0);
    assert_string_equal(order, "a");
    hexmcp_fake_advance(fake, 20);
    assert_string_equal(order, "abc");
}

static void refuses_too_many_timers(void **state)
{
    const hexmcp_timer_1 *timer = host->get_interface(host->ctx, HEXMCP_TIMER_1);
    char nothing[] = "";
    (void)state;
    for (int i = 0; i < 1024; i++)
        assert_int_equal(timer->after(timer->ctx, 1, note, nothing), HEXMCP_OK);
    assert_int_equal(timer->after(timer->ctx, 1, note, nothing), HEXMCP_E_BUSY);
    hexmcp_fake_advance(fake, 1);
    assert_int_equal(hexmcp_fake_timers(fake), 0);
}

static char replies[300];

static void note_reply(void *arg, int32_t status, hexmcp_str json)
{
    size_t used = strlen(replies);
    snprintf(replies + used, sizeof(replies) - used, "%s %d %.*s\n", (const char *)arg, status,
             (int)json.len, json.ptr);
}

static const hexmcp_catalog_1 *get_catalog(void)
{
    const hexmcp_catalog_1 *catalog = host->get_interface(host->ctx, HEXMCP_CATALOG_1);
    assert_non_null(catalog);
    replies[0] = '\0';
    return catalog;
}

static void keeps_what_is_published(void **state)
{
    const hexmcp_catalog_1 *c = get_catalog();
    char a[] = "a", b[] = "b";
    (void)state;
    assert_int_equal(c->publish(c->ctx, HEXMCP_KIND_TOOL, S("{\"name\":\"x\"}"), S("{}"),
                                note_reply, a),
                     HEXMCP_OK);
    assert_int_equal(c->publish(c->ctx, HEXMCP_KIND_RESOURCE, S("{\"uri\":\"x:y\"}"), S(""),
                                note_reply, b),
                     HEXMCP_OK);
    assert_string_equal(replies, ""); /* not before the loop turns */
    hexmcp_fake_advance(fake, 0);
    assert_string_equal(replies, "a 0 {\"name\":\"x\"}\nb 0 {\"name\":\"x:y\"}\n");
    assert_string_equal(hexmcp_fake_published(fake, HEXMCP_KIND_TOOL, "x"), "{\"name\":\"x\"}");
    assert_string_equal(hexmcp_fake_options(fake, HEXMCP_KIND_TOOL, "x"), "{}");
    assert_string_equal(hexmcp_fake_options(fake, HEXMCP_KIND_RESOURCE, "x:y"), "");
    assert_null(hexmcp_fake_published(fake, HEXMCP_KIND_PROMPT, "x"));
    assert_null(hexmcp_fake_options(fake, HEXMCP_KIND_TOOL, "y"));
}

static void forgets_what_is_withdrawn(void **state)
{
    const hexmcp_catalog_1 *c = get_catalog();
    char a[] = "a", b[] = "b";
    (void)state;
    c->publish(c->ctx, HEXMCP_KIND_TEMPLATE, S("{\"uriTemplate\":\"x:{y}\"}"), S(""), NULL, NULL);
    assert_int_equal(c->withdraw(c->ctx, HEXMCP_KIND_TEMPLATE, S("x:{y}"), note_reply, a),
                     HEXMCP_OK);
    assert_int_equal(c->withdraw(c->ctx, HEXMCP_KIND_TEMPLATE, S("x:{y}"), note_reply, b),
                     HEXMCP_OK);
    hexmcp_fake_advance(fake, 0);
    assert_string_equal(replies,
                        "a 0 {}\nb -4 {\"message\":\"the plugin has no such item\"}\n");
    assert_null(hexmcp_fake_published(fake, HEXMCP_KIND_TEMPLATE, "x:{y}"));
}

static void refuses_bad_words_to_the_catalogue(void **state)
{
    const hexmcp_catalog_1 *c = get_catalog();
    static char big[(256 << 10) + 1];
    char a[] = "a";
    (void)state;
    hexmcp_str too_big = {big, sizeof(big)};
    assert_int_equal(c->publish(c->ctx, 4, S("{}"), S(""), note_reply, a), HEXMCP_E_INVALID);
    assert_int_equal(c->publish(c->ctx, 0, too_big, S(""), note_reply, a), HEXMCP_E_TOO_LARGE);
    assert_int_equal(c->withdraw(c->ctx, 0, (hexmcp_str){big, 8193}, note_reply, a),
                     HEXMCP_E_TOO_LARGE);
    assert_int_equal(c->publish(c->ctx, 3, S("{\"uri\":\"x\"}"), S(""), note_reply, a), HEXMCP_OK);
    assert_int_equal(c->publish(c->ctx, 3, S("{\"name\":\"p\"}"), S(""), NULL, NULL), HEXMCP_OK);
    assert_int_equal(c->publish(c->ctx, 3, S("{\"name\":\"p\"}"), S(""), note_reply, a), HEXMCP_OK);
    hexmcp_fake_advance(fake, 0);
    assert_string_equal(replies, "a -3 {\"message\":\"the definition names nothing\"}\n"
                                 "a -3 {\"message\":\"it is published already\"}\n");
}

static void refuses_too_many_outstanding_replies(void **state)
{
    const hexmcp_catalog_1 *c = get_catalog();
    (void)state;
    for (int i = 0; i < 1024; i++)
        assert_int_equal(c->withdraw(c->ctx, 0, S("x"), NULL, NULL), HEXMCP_OK);
    assert_int_equal(c->withdraw(c->ctx, 0, S("x"), NULL, NULL), HEXMCP_E_BUSY);
    hexmcp_fake_advance(fake, 0);
    assert_int_equal(c->withdraw(c->ctx, 0, S("x"), NULL, NULL), HEXMCP_OK);
    hexmcp_fake_advance(fake, 0);
}

static void refuses_what_it_is_told_to(void **state)
{
    const hexmcp_catalog_1 *c = get_catalog();
    const hexmcp_notify_1 *n = host->get_interface(host->ctx, HEXMCP_NOTIFY_1);
    char a[] = "a";
    (void)state;
    hexmcp_fake_fail_services(fake, HEXMCP_E_BUSY);
    assert_int_equal(c->publish(c->ctx, 0, S("{\"name\":\"x\"}"), S(""), note_reply, a),
                     HEXMCP_E_BUSY);
    assert_int_equal(c->withdraw(c->ctx, 0, S("x"), note_reply, a), HEXMCP_E_BUSY);
    assert_int_equal(n->resource_updated(n->ctx, S("x:y")), HEXMCP_E_BUSY);
    assert_int_equal(n->elicitation_complete(n->ctx, S("e")), HEXMCP_E_BUSY);
    hexmcp_fake_advance(fake, 0);
    assert_string_equal(replies, "");
    assert_int_equal(hexmcp_fake_notes(fake, HEXMCP_FAKE_NOTE_UPDATED), 0);
    hexmcp_fake_fail_services(fake, HEXMCP_OK);
    assert_int_equal(n->resource_updated(n->ctx, S("x:y")), HEXMCP_OK);
    assert_int_equal(hexmcp_fake_count(fake, HEXMCP_FAKE_NOTIFY_RESOURCE_UPDATED), 2);
}

static void fails_the_nth_time(void **state)
{
    const hexmcp_timer_1 *timer = host->get_interface(host->ctx, HEXMCP_TIMER_1);
    const int32_t want[] = {HEXMCP_OK, HEXMCP_E_NOMEM, HEXMCP_OK};
    char nothing[] = "";
    (void)state;
    assert_int_equal(timer->after(timer->ctx, 0, note, nothing), HEXMCP_OK);
    hexmcp_fake_fail(fake, HEXMCP_FAKE_TIMER_AFTER, 2, HEXMCP_E_NOMEM);
    for (size_t i = 0; i < 3; i++)
        assert_int_equal(timer->after(timer->ctx, 0, note, nothing), want[i]);
    assert_int_equal(hexmcp_fake_count(fake, HEXMCP_FAKE_TIMER_AFTER), 4);
    hexmcp_fake_advance(fake, 0);
    hexmcp_fake_fail(fake, HEXMCP_FAKE_GET_INTERFACE, 1, HEXMCP_E_UNAVAILABLE);
    assert_null(host->get_interface(host->ctx, HEXMCP_TIMER_1));
    assert_non_null(host->get_interface(host->ctx, HEXMCP_TIMER_1));
}

static void a_completion_can_fail(void **state)
{
    hexmcp_call call = hexmcp_fake_open(fake);
    (void)state;
    hexmcp_fake_fail(fake, HEXMCP_FAKE_COMPLETE, 1, HEXMCP_E_NOMEM);
    assert_int_equal(host->complete(host->ctx, call, HEXMCP_RESULT, S("{}")), HEXMCP_E_NOMEM);
    assert_int_equal(host->complete(host->ctx, call, HEXMCP_RESULT, S("{}")), HEXMCP_OK);
    close_call(call, "{}");
}

static void the_end_answers_what_waits(void **state)
{
    const hexmcp_catalog_1 *c = get_catalog();
    char a[] = "a";
    (void)state;
    c->publish(c->ctx, 0, S("{\"name\":\"x\"}"), S(""), note_reply, a);
    hexmcp_fake_quiesce(fake);
    assert_string_equal(replies, "a -10 {\"message\":\"the plugin is not running\"}\n");
    assert_null(hexmcp_fake_published(fake, HEXMCP_KIND_TOOL, "x"));
}

static void has_no_catalogue_if_told_so(void **state)
{
    (void)state;
    hexmcp_fake_offer(fake, HEXMCP_CATALOG_1, NULL);
    assert_null(host->get_interface(host->ctx, HEXMCP_CATALOG_1));
    assert_non_null(host->get_interface(host->ctx, HEXMCP_NOTIFY_1));
}

static void keeps_the_changes_that_were_told(void **state)
{
    const hexmcp_notify_1 *n = host->get_interface(host->ctx, HEXMCP_NOTIFY_1);
    static char big[8193];
    (void)state;
    memset(big, 'x', sizeof(big));
    assert_int_equal(n->resource_updated(n->ctx, S("x:y")), HEXMCP_OK);
    assert_int_equal(n->elicitation_complete(n->ctx, S("e-1")), HEXMCP_OK);
    assert_int_equal(n->resource_updated(n->ctx, (hexmcp_str){big, 8193}), HEXMCP_E_TOO_LARGE);
    assert_int_equal(n->elicitation_complete(n->ctx, (hexmcp_str){big, 65}), HEXMCP_E_TOO_LARGE);
    assert_int_equal(n->elicitation_complete(n->ctx, S("")), HEXMCP_E_INVALID);
    assert_int_equal(hexmcp_fake_notes(fake, HEXMCP_FAKE_NOTE_UPDATED), 1);
    assert_string_equal(hexmcp_fake_note(fake, HEXMCP_FAKE_NOTE_UPDATED, 0)->text, "x:y");
    assert_int_equal(hexmcp_fake_notes(fake, HEXMCP_FAKE_NOTE_ELICITED), 1);
    assert_string_equal(hexmcp_fake_note(fake, HEXMCP_FAKE_NOTE_ELICITED, 0)->text, "e-1");
}

static void keep(void *arg, hexmcp_str json)
{
    snprintf(arg, 200, "%.*s", (int)json.len, json.ptr);
}

static void answers_as_told_about_schemas(void **state)
{
    (void)state;
    const hexmcp_schema_1 *s = host->get_interface(host->ctx, HEXMCP_SCHEMA_1);
    hexmcp_error err = {.size = sizeof(err)};
    char told[200] = "";
    assert_int_equal(s->validate(s->ctx, S("{}"), S("3"), 0, keep, told, &err), HEXMCP_OK);
    assert_string_equal(told, "{\"valid\":true,\"faults\":[],\"more\":false}");
    hexmcp_fake_schema_answer(fake, "{\"valid\":false}");
    assert_int_equal(s->validate(s->ctx, S("{}"), S("3"), 0, keep, told, &err), HEXMCP_OK);
    assert_string_equal(told, "{\"valid\":false}");
    assert_int_equal(s->validate(s->ctx, S("{}}"), S("3"), 0, keep, told, &err), HEXMCP_E_INVALID);
    assert_string_equal(err.text, "the schema is no JSON");
    assert_int_equal(s->validate(s->ctx, S("{}"), S("[3"), 0, keep, told, &err), HEXMCP_E_INVALID);
    assert_string_equal(err.text, "the value is no JSON");
    assert_int_equal(s->validate(s->ctx, S("{}"), S("3"), 2, keep, told, &err),
                     HEXMCP_E_UNSUPPORTED);
}

/* The table that tests of this tree offer. */
static void checks_values(void **state)
{
    (void)state;
    hexmcp_fake_offer(fake, HEXMCP_SCHEMA_1, fake_schema());
    const hexmcp_schema_1 *s = host->get_interface(host->ctx, HEXMCP_SCHEMA_1);
    hexmcp_error err = {.size = sizeof(err)};
    char told[200] = "";
    assert_int_equal(s->validate(s->ctx, S("{\"maximum\":2}"), S("3"), 0, keep, told, &err),
                     HEXMCP_OK);
    assert_string_equal(told, "{\"valid\":false,\"faults\":[{\"instance\":\"\",\"keyword\":"
                              "\"maximum\",\"schema\":\"#/maximum\",\"message\":\"must be at most "
                              "2, is 3\"}],\"more\":false}");
    assert_int_equal(s->validate(s->ctx, S("{\"pattern\":\"a\"}"), S("3"), 0, keep, told, &err),
                     HEXMCP_E_UNAVAILABLE);
    assert_string_equal(err.text,
                        "the schema: #/pattern: there is nothing here that could match patterns");
}

static void tells_what_a_call_carries(void **state)
{
    const hexmcp_call_info_1 *info = host->get_interface(host->ctx, HEXMCP_CALL_1);
    hexmcp_call call = hexmcp_fake_open(fake);
    char out[8];
    size_t len = 0;
    (void)state;
    assert_int_equal(info->meta(info->ctx, call, out, 8, &len), HEXMCP_E_NOT_FOUND);
    hexmcp_fake_set_text(fake, call, HEXMCP_FAKE_CALL_META, "{\"a\":1}");
    hexmcp_fake_set_text(fake, call, HEXMCP_FAKE_CALL_TRACESTATE, "k=v");
    assert_int_equal(info->meta(info->ctx, call, out, 6, &len), HEXMCP_E_TOO_LARGE);
    assert_int_equal(info->meta(info->ctx, call, out, 8, &len), HEXMCP_OK);
    assert_int_equal(len, 7);
    assert_memory_equal(out, "{\"a\":1}", 7);
    assert_int_equal(info->tracestate(info->ctx, call, out, 8, &len), HEXMCP_OK);
    assert_int_equal(len, 3);
    assert_int_equal(info->traceparent(info->ctx, call, out, 8, &len), HEXMCP_E_NOT_FOUND);
    host->complete(host->ctx, call, HEXMCP_RESULT, S("{}"));
    close_call(call, "{}");
}

static void a_call_given_up_may_end_late(void **state)
{
    hexmcp_call call = hexmcp_fake_open(fake);
    const hexmcp_call_info_1 *info = host->get_interface(host->ctx, HEXMCP_CALL_1);
    (void)state;
    hexmcp_fake_give_up(fake, call);
    assert_int_equal(info->cancelled(info->ctx, call), 1);
    assert_int_equal(host->progress(host->ctx, call, 1, 0, S("")), HEXMCP_E_NOT_FOUND);
    assert_int_equal(host->complete(host->ctx, call, HEXMCP_RESULT, S("{}")), HEXMCP_E_NOT_FOUND);
    assert_int_equal(hexmcp_fake_breaches(fake), 0);
}

static void real_time_goes_on(void **state)
{
    const hexmcp_timer_1 *timer = host->get_interface(host->ctx, HEXMCP_TIMER_1);
    char a[] = "a";
    (void)state;
    order[0] = '\0';
    assert_int_equal(timer->after(timer->ctx, 0, note, a), HEXMCP_OK);
    hexmcp_fake_real_time(fake);
    assert_int_equal(timer->after(timer->ctx, 86400000, note, a), HEXMCP_OK);
    hexmcp_fake_turn(fake);
    assert_string_equal(order, "a");
    assert_int_equal(hexmcp_fake_timers(fake), 1);
}

static void knows_no_other_interface(void **state)
{
    (void)state;
    assert_null(host->get_interface(host->ctx, "hexmcp.timer/2"));
    assert_null(host->get_interface(host->ctx, "hexmcp.timer/1 "));
}

#define TEST(function) cmocka_unit_test_setup_teardown(function, begin, end)

int main(void)
{
    const struct CMUnitTest tests[] = {
        TEST(keeps_the_first_completion_only),
        TEST(tells_of_cancellation),
        TEST(counts_rising_progress),
        TEST(keeps_log_lines),
        TEST(knows_its_threads),
        TEST(answers_timers_in_order),
        TEST(refuses_too_many_timers),
        TEST(keeps_what_is_published),
        TEST(forgets_what_is_withdrawn),
        TEST(refuses_bad_words_to_the_catalogue),
        TEST(refuses_too_many_outstanding_replies),
        TEST(refuses_what_it_is_told_to),
        TEST(fails_the_nth_time),
        TEST(a_completion_can_fail),
        TEST(the_end_answers_what_waits),
        TEST(has_no_catalogue_if_told_so),
        TEST(keeps_the_changes_that_were_told),
        TEST(answers_as_told_about_schemas),
        TEST(checks_values),
        TEST(tells_what_a_call_carries),
        TEST(a_call_given_up_may_end_late),
        TEST(real_time_goes_on),
        TEST(knows_no_other_interface),
    };
    cmocka_set_message_output(CM_OUTPUT_TAP);
    return cmocka_run_group_tests_name("fake-host", tests, NULL, NULL);
}
