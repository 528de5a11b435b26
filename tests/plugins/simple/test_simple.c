/* hexmcp/simple.h: what the examples do not use of it, and what goes wrong. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdbool.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#include "hexmcp/simple.h"
#include "hexmcp/test/fake_host.h"

struct shop {
    const hexmcp_host *host;
    char sign[16];
    int clears;
};

static bool make_fails;
static unsigned made, cleared, started, stopped;

static int32_t make(void *self, const hexmcp_host *host, hexmcp_error *err)
{
    struct shop *shop = self;
    assert_string_equal(shop->sign, "");
    if (make_fails)
        return hexmcp_fail(err, HEXMCP_E_UNAVAILABLE, "no shop today");
    shop->host = host;
    made++;
    return HEXMCP_OK;
}

static int32_t init(void *self, const hexmcp_host *host, hexmcp_str config, hexmcp_error *err)
{
    struct shop *shop = self;
    hexmcp_str value;
    assert_ptr_equal(shop->host, host);
    if (hexmcp_json_get(config, "sign", &value) == HEXMCP_OK &&
        hexmcp_json_string(value, shop->sign, sizeof(shop->sign), NULL) != HEXMCP_OK)
        return hexmcp_fail(err, HEXMCP_E_CONFIG, "`sign` must be at most 15 bytes long");
    return HEXMCP_OK;
}

static int32_t start(void *self, hexmcp_error *err)
{
    (void)self;
    (void)err;
    started++;
    return HEXMCP_OK;
}

static void stop(void *self)
{
    (void)self;
    stopped++;
}

static void clear(void *self)
{
    (void)self;
    cleared++;
}

static int32_t sign(const hexmcp_round *r)
{
    const struct shop *shop = r->self;
    return hexmcp_round_textf(r, "%s", shop->sign);
}

static int32_t order(const hexmcp_round *r)
{
    char what[8];
    int32_t status = hexmcp_round_get_text(r, "what", what, sizeof(what));
    if (status != HEXMCP_OK)
        return status;
    return hexmcp_round_textf(r, "%s %lld %d", what, (long long)hexmcp_round_get_int(r, "n", 1),
                              hexmcp_round_get_bool(r, "wrap", 0));
}

static int32_t agreed(const hexmcp_round *r)
{
    static const char *const words[] = {"missing", "accepted", "declined", "cancelled"};
    hexmcp_str content;
    int answer = hexmcp_round_answer(r, "ok", &content);
    return hexmcp_round_textf(r, "%s %.*s %.*s", words[answer], (int)content.len, content.ptr,
                              (int)r->state.len, r->state.ptr);
}

static int32_t broken(const hexmcp_round *r)
{
    hexmcp_json_writer w;
    hexmcp_json_writer_init(&w);
    hexmcp_json_begin_object(&w);
    return hexmcp_round_writer(r, HEXMCP_RESULT, &w);
}

static int32_t slow(const hexmcp_round *r)
{
    while (!hexmcp_round_cancelled(r))
        hexmcp_round_progress(r, 1, 0, "still here");
    return hexmcp_round_cancel(r);
}

static int32_t others(const hexmcp_round *r)
{
    return hexmcp_round_tool_error(r, hexmcp_str_begins(r->name, "old-") ? "gone" : "never was");
}

static int32_t suggest(const hexmcp_round *r, hexmcp_str argument, hexmcp_str typed)
{
    static const char *const values[] = {"bread", "brie", "butter"};
    (void)argument;
    return hexmcp_round_suggest(r, values, 3, typed);
}

static int32_t save(void *self, void (*emit)(void *arg, hexmcp_str bytes), void *arg,
                    hexmcp_error *err)
{
    (void)err;
    emit(arg, hexmcp_str_from(((struct shop *)self)->sign));
    return HEXMCP_OK;
}

static int32_t load_state(void *self, hexmcp_str bytes, hexmcp_error *err)
{
    struct shop *shop = self;
    if (bytes.len >= sizeof(shop->sign))
        return hexmcp_fail(err, HEXMCP_E_INVALID, "that is no state of this plugin");
    memcpy(shop->sign, bytes.ptr, bytes.len);
    return HEXMCP_OK;
}

static int32_t test(const hexmcp_round *r)
{
    const struct shop *shop = r->self;
    if (shop->sign[0] == '\0')
        return hexmcp_fail(r->err, HEXMCP_E_CONFIG, "there is no sign");
    return hexmcp_round_json(r, HEXMCP_RESULT, hexmcp_str_from("{}"));
}

static const int extra = 7;

static const void *more(void *self, const char *id)
{
    (void)self;
    return strcmp(id, "org.example.extra/1") == 0 ? &extra : NULL;
}

static const hexmcp_simple_item tools[] = {
    HEXMCP_ITEM("sign", sign),
    HEXMCP_ITEM("order", order),
    HEXMCP_ITEM("broken", broken),
    HEXMCP_ITEM("slow", slow),
    HEXMCP_ITEM_FIXED("fixed", "{\"content\":[]}"),
    HEXMCP_ITEM_ASKS_FIXED("ask", agreed, "{\"requests\":{\"ok\":{}},\"state\":3}"),
    HEXMCP_ITEM_OTHERS(others),
};
static const hexmcp_simple_item prompts[] = {HEXMCP_ITEM_FIXED("p", "{\"messages\":[]}"),
                                             HEXMCP_ITEM_END};
static const hexmcp_simple shop_plugin = {
    .self_size = sizeof(struct shop),
    .make = make,
    .init = init,
    .start = start,
    .stop = stop,
    .clear = clear,
    .tools = tools,
    .prompts = prompts,
    .suggest_for_prompt = suggest,
    .save = save,
    .load = load_state,
    .test = test,
    .get_interface = more,
};

HEXMCP_SIMPLE_PLUGIN("org.example.shop", "1.2.3", shop_plugin);

static hexmcp_fake_plugin p;

static int begin(void **state)
{
    (void)state;
    made = cleared = started = stopped = 0;
    hexmcp_fake_load_linked(&p, &hexmcp_plugin_info, hexmcp_plugin_create, "{\"sign\":\"Open\"}");
    return 0;
}

static int end(void **state)
{
    (void)state;
    hexmcp_fake_unload(&p);
    return 0;
}

static void answers(uint32_t kind, const char *const t[4], uint32_t outcome, const char *json)
{
    hexmcp_fake_answer a;
    hexmcp_fake_ask(&p, kind, t[0], t[1], t[2], t[3], &a);
    assert_string_equal(a.error.text, "");
    assert_string_equal(a.json, json);
    assert_int_equal(a.outcome, outcome);
    hexmcp_fake_answer_free(&a);
}

static void says(const char *name, const char *args, const char *text)
{
    char json[300];
    snprintf(json, sizeof(json), "{\"content\":[{\"type\":\"text\",\"text\":\"%s\"}]}", text);
    answers(HEXMCP_FAKE_CALL, (const char *const[4]){name, args}, HEXMCP_RESULT, json);
}

static void fails(uint32_t kind, const char *name, const char *args, int32_t code, const char *text)
{
    hexmcp_fake_answer a;
    hexmcp_fake_ask(&p, kind, name, args, "", "", &a);
    assert_int_equal(a.status, code);
    assert_string_equal(a.error.text, text);
}

static void goes_through_its_life(void **state)
{
    (void)state;
    assert_string_equal(p.info->version, "1.2.3");
    assert_int_equal(made + started, 2);
    hexmcp_fake_destroy(&p);
    assert_int_equal(stopped + cleared, 2);
    hexmcp_error err;
    assert_int_equal(hexmcp_fake_create(&p, p.fake, &hexmcp_plugin_info, hexmcp_plugin_create, &err),
                     HEXMCP_OK);
    assert_int_equal(hexmcp_fake_init(&p, "{\"sign\":\"0123456789abcdef\"}", &err),
                     HEXMCP_E_CONFIG);
    assert_string_equal(err.text, "`sign` must be at most 15 bytes long");
    hexmcp_fake_destroy(&p);
    assert_int_equal(cleared, 2);
    make_fails = true;
    assert_int_equal(hexmcp_fake_create(&p, p.fake, &hexmcp_plugin_info, hexmcp_plugin_create, &err),
                     HEXMCP_E_UNAVAILABLE);
    make_fails = false;
    assert_string_equal(err.text, "no shop today");
    assert_int_equal(cleared, 2);
}

static void reads_arguments(void **state)
{
    (void)state;
    says("sign", "{}", "Open");
    says("order", "{\"what\":\"bread\",\"n\":3,\"wrap\":true}", "bread 3 1");
    says("order", "{\"what\":\"bread\",\"n\":\"x\"}", "bread 1 0");
    fails(HEXMCP_FAKE_CALL, "order", "{\"what\":\"cucumbers\"}", HEXMCP_E_INVALID,
          "`what` must be a text of at most 7 bytes without NUL");
}

static void answers_by_table(void **state)
{
    (void)state;
    answers(HEXMCP_FAKE_CALL, (const char *const[4]){"fixed", "{}"}, HEXMCP_RESULT,
            "{\"content\":[]}");
    answers(HEXMCP_FAKE_CALL, (const char *const[4]){"old-x", "{}"}, HEXMCP_TOOL_ERROR,
            "{\"content\":[{\"type\":\"text\",\"text\":\"gone\"}]}");
    fails(HEXMCP_FAKE_CALL, "broken", "{}", HEXMCP_E_INVALID,
          "the answer could not be written; try again");
    answers(HEXMCP_FAKE_RENDER, (const char *const[4]){"p", "{}"}, HEXMCP_RESULT,
            "{\"messages\":[]}");
    fails(HEXMCP_FAKE_RENDER, "q", "{}", HEXMCP_E_NOT_FOUND,
          "there is no prompt q here; list the prompts");
    fails(HEXMCP_FAKE_RESUME_CALL, "sign", "{}", HEXMCP_E_NOT_FOUND,
          "there is no tool sign here; list the tools");
}

static void asks(void **state)
{
    (void)state;
    answers(HEXMCP_FAKE_CALL, (const char *const[4]){"ask", "{}"}, HEXMCP_INPUT_REQUIRED,
            "{\"requests\":{\"ok\":{}},\"state\":3}");
    static const char *const rounds[][2] = {
        {"{}", "missing  3"},
        {"{\"ok\":{\"action\":\"accept\",\"content\":{}}}", "accepted {} 3"},
        {"{\"ok\":{\"action\":\"accept\"}}", "accepted  3"},
        {"{\"ok\":{\"action\":\"decline\"}}", "declined  3"},
        {"{\"ok\":{\"action\":\"cancel\"}}", "cancelled  3"},
        {"{\"ok\":{\"action\":7}}", "missing  3"},
    };
    for (size_t i = 0; i < sizeof(rounds) / sizeof(rounds[0]); i++) {
        char json[200];
        snprintf(json, sizeof(json), "{\"content\":[{\"type\":\"text\",\"text\":\"%s\"}]}",
                 rounds[i][1]);
        answers(HEXMCP_FAKE_RESUME_CALL, (const char *const[4]){"ask", "{}", "3", rounds[i][0]},
                HEXMCP_RESULT, json);
    }
}

static void suggests(void **state)
{
    (void)state;
    answers(HEXMCP_FAKE_COMPLETE_PROMPT, (const char *const[4]){"p", "a", "br", "{}"},
            HEXMCP_RESULT, "{\"values\":[\"bread\",\"brie\"],\"total\":2,\"hasMore\":false}");
}

static void sees_a_cancel(void **state)
{
    hexmcp_fake_answer a;
    hexmcp_fake_asked *asked = hexmcp_fake_begin_tool(&p, "slow", "{}");
    (void)state;
    hexmcp_fake_cancel(asked);
    hexmcp_fake_end(asked, &a);
    assert_int_equal(a.outcome, HEXMCP_CANCELLED);
    hexmcp_fake_answer_free(&a);
}

static void a_host_that_takes_no_answer(void **state)
{
    (void)state;
    hexmcp_fake_fail(p.fake, HEXMCP_FAKE_COMPLETE, 0, HEXMCP_E_NOMEM);
    fails(HEXMCP_FAKE_CALL, "fixed", "{}", HEXMCP_E_NOMEM,
          "the host did not take the answer; try again");
    fails(HEXMCP_FAKE_CALL, "sign", "{}", HEXMCP_E_NOMEM,
          "the host did not take the answer; try again");
    hexmcp_fake_fail(p.fake, HEXMCP_FAKE_COMPLETE, 0, HEXMCP_OK);
}

static void carries_state_and_examines_itself(void **state)
{
    hexmcp_fake_state taken;
    hexmcp_fake_answer a;
    hexmcp_error err;
    (void)state;
    assert_int_equal(hexmcp_fake_save(&p, &taken, &err), HEXMCP_OK);
    assert_string_equal(taken.bytes, "Open");
    hexmcp_fake_state_free(&taken);
    assert_int_equal(hexmcp_fake_load_state(&p, "Closed", 6, &err), HEXMCP_OK);
    says("sign", "{}", "Closed");
    assert_int_equal(hexmcp_fake_load_state(&p, "0123456789abcdef", 16, &err), HEXMCP_E_INVALID);
    hexmcp_fake_selftest(&p, &a);
    assert_int_equal(a.outcome, HEXMCP_RESULT);
    hexmcp_fake_answer_free(&a);
    assert_ptr_equal(hexmcp_fake_interface(&p, "org.example.extra/1"), &extra);
    assert_null(hexmcp_fake_interface(&p, HEXMCP_RESOURCE_1));
}

#define T(name) cmocka_unit_test_setup_teardown(name, begin, end)

int main(void)
{
    const struct CMUnitTest tests[] = {
        T(goes_through_its_life), T(reads_arguments), T(answers_by_table),
        T(asks),                  T(suggests),        T(sees_a_cancel),
        T(a_host_that_takes_no_answer), T(carries_state_and_examines_itself),
    };
    cmocka_set_message_output(CM_OUTPUT_TAP);
    return cmocka_run_group_tests_name("simple", tests, NULL, NULL);
}
