/* What hooks say together: every result, in every order of two. */
#include <stdio.h>
#include <string.h>

#include "core/base/str.h"
#include "tests/core/hook/fixture.h"

static const char *const answers[HOOK_RESULTS] = {
    [HOOK_CONTINUE] = "{\"result\":\"continue\"}",
    [HOOK_MODIFIED] = "{\"result\":\"modified\",\"data\":{\"/arguments/x\":\"N\"}}",
    [HOOK_CANCEL] = "{\"result\":\"cancel\",\"reason\":\"why N\"}",
    [HOOK_REDIRECT] = "{\"result\":\"redirect\",\"target\":\"to N\"}",
    [HOOK_REPLACE] = "{\"result\":\"replace\",\"value\":{\"v\":\"N\"}}",
    [HOOK_RETRY] = "{\"result\":\"retry\",\"delayMs\":N,\"maxAttempts\":N}",
    [HOOK_FORK] = "{\"result\":\"fork\",\"operations\":[{\"target\":\"f N\"}]}",
    [HOOK_CACHE] = "{\"result\":\"cache\",\"key\":\"k N\",\"ttlMs\":N}",
    [HOOK_SKIPPED] = "{\"result\":\"skipped\",\"reason\":\"N\"}",
};

/* What is left of one result if nothing ends the chain; `n` is the number of the hook. */
static const char *numbered(const char *text, int n, char out[256])
{
    size_t at = 0;
    for (; *text; text++)
        out[at++] = *text == 'N' ? (char)('0' + n) : *text;
    out[at] = '\0';
    return out;
}

static bool ends(enum hook_result r)
{
    return r == HOOK_CANCEL || r == HOOK_REDIRECT || r == HOOK_REPLACE;
}

/* The rule as the documentation has it, written down apart from the code. */
static void expect(enum hook_result a, enum hook_result b, char out[1024])
{
    static const char *const ending[HOOK_RESULTS] = {
        [HOOK_CANCEL] = "cancel by %d: why %d",
        [HOOK_REDIRECT] = "redirect by %d: to %d",
        [HOOK_REPLACE] = "replace by %d: {\"v\":\"%d\"}",
    };
    enum hook_result end = ends(a) ? a : ends(b) ? b : HOOK_CONTINUE;
    int who = ends(a) ? 1 : 2;
    bool second = !ends(a); /* is asked at all */
    char *at = out;
    at += end == HOOK_CONTINUE ? sprintf(at, "continue") : sprintf(at, ending[end], who, who);
    int modified = second && b == HOOK_MODIFIED ? 2 : a == HOOK_MODIFIED ? 1 : 0;
    if (modified)
        at += sprintf(at, " arguments={\"x\":\"%d\"} result=", modified);
    int retry = a == HOOK_RETRY ? 1 : second && b == HOOK_RETRY ? 2 : 0;
    if (retry && (end == HOOK_CONTINUE || end == HOOK_REDIRECT))
        at += sprintf(at, " retry %d after %d", retry, retry);
    int cache = a == HOOK_CACHE ? 1 : second && b == HOOK_CACHE ? 2 : 0;
    if (cache && end != HOOK_CANCEL)
        at += sprintf(at, " cache k %d for %d", cache, cache);
    if (a == HOOK_FORK && second && b == HOOK_FORK)
        sprintf(at, " forks [{\"target\":\"f 1\"},{\"target\":\"f 2\"}]");
    else if (a == HOOK_FORK || (second && b == HOOK_FORK))
        sprintf(at, " forks [{\"target\":\"f %d\"}]", a == HOOK_FORK ? 1 : 2);
}

static void test_pair(enum hook_result a, enum hook_result b, bool late)
{
    char first[256], second[256], wanted[1024];
    struct saying one = {.json = numbered(answers[a], 1, first), .later = late};
    struct saying two = {.json = numbered(answers[b], 2, second)};
    fixture_open();
    /* At a custom point all nine are allowed. Added in the other order: priority decides. */
    add(&two, "2", "custom:all", 5);
    add(&one, "1", "custom:all", -5);
    struct hook_event event = tool_event(HOOK_CUSTOM, "t", "{\"x\":\"0\"}");
    event.custom = STR("all");
    uint64_t id = run_event(&event);
    assert_true(late == (id != 0));
    if (late)
        hook_answer_json(one.turn, str_from(one.json));
    expect(a, b, wanted);
    assert_int_equal(told.times, 1);
    assert_string_equal(told.text, wanted);
    assert_int_equal(two.runs, ends(a) ? 0 : 1);
    if (a == HOOK_MODIFIED)
        assert_string_equal(two.saw, "{\"\":{\"tool\":\"tool-name\",\"arguments\":{\"x\":\"1\"},"
                                     "\"result\":{\"content\":[]}}}");
    assert_string_equal(complaints, "");
    fixture_close();
    assert_int_equal(one.frees + two.frees, 2);
}

static void test_every_pair(void **state)
{
    (void)state;
    for (enum hook_result a = 0; a < HOOK_RESULTS; a++)
        for (enum hook_result b = 0; b < HOOK_RESULTS; b++) {
            test_pair(a, b, false);
            test_pair(a, b, true);
        }
}

/* What a point allows, beside continue and skipped, as docs/hooks.md has it. */
static const struct {
    const char *point;
    const char *allowed;
} rights[] = {
    {"BeforeToolExecution", "modified cancel redirect replace fork cache "},
    {"AfterToolExecution", "modified cancel replace retry fork cache "},
    {"ToolValidation", "cancel "},
    {"ToolError", "replace retry fork "},
    {"BeforeToolDiscovery", ""},
    {"AfterToolDiscovery", "modified "},
    {"BeforeResourceRead", "modified cancel replace fork cache "},
    {"AfterResourceRead", "modified cancel replace retry fork cache "},
    {"BeforePrompt", "modified cancel redirect replace fork cache "},
    {"SecurityViolation", ""},
    {"SystemStartup", ""},
    {"RequestReceived", ""},
    {"ResponseSent", ""},
    {"PluginLoaded", ""},
    {"BeforeStateWrite", "modified cancel "},
    {"AfterStateWrite", ""},
    {"StateConflict", "retry "},
    {"BeforeProviderCall", "modified cancel redirect replace fork cache "},
    {"ProviderError", "redirect replace retry fork "},
};

static void test_rights(void **state)
{
    (void)state;
    for (size_t i = 0; i < sizeof(rights) / sizeof(rights[0]); i++) {
        char allowed[256] = "";
        for (enum hook_result r = HOOK_MODIFIED; r < HOOK_SKIPPED; r++) {
            char text[256], complaint[256];
            enum hook_point point;
            struct str custom;
            struct saying one = {.json = numbered(answers[r], 1, text)};
            fixture_open();
            assert_true(hook_point_find(str_from(rights[i].point), &point, &custom));
            add(&one, "one", rights[i].point, 0);
            struct hook_event event = tool_event(point, "t", "{}");
            run_event(&event);
            snprintf(complaint, sizeof(complaint),
                     "one: it answered \"%s\" at %s, where it cannot\n", hook_result_name(r),
                     rights[i].point);
            if (complaints[0])
                assert_string_equal(complaints, complaint);
            else
                snprintf(allowed + strlen(allowed), sizeof(allowed) - strlen(allowed), "%s ",
                         hook_result_name(r));
            if (complaints[0])
                assert_string_equal(told.text, "continue");
            fixture_close();
        }
        assert_string_equal(allowed, rights[i].allowed);
    }
}

static void test_observer_is_not_heard(void **state)
{
    (void)state;
    for (enum hook_result r = 0; r < HOOK_RESULTS; r++) {
        char text[256];
        struct saying watch = {.json = numbered(answers[r], 1, text)};
        fixture_open();
        struct str points[] = {STR("BeforeToolExecution")};
        struct hook_definition d = saying_hook(&watch, "watch", 0);
        d.points = points;
        d.point_count = 1;
        d.gates = false;
        add_definition(&d);
        struct hook_event event = tool_event(HOOK_BEFORE_TOOL_EXECUTION, "t", "{}");
        assert_int_equal(run_event(&event), 0);
        assert_string_equal(told.text, "continue");
        assert_int_equal(watch.runs, 1);
        fixture_close();
    }
}

static void one_bad_answer(const char *json, const char *complaint)
{
    struct saying one = {.json = json};
    fixture_open();
    struct str points[] = {STR("BeforeToolExecution")}, reads[] = {STR("/arguments/x"), STR("/tool")};
    struct hook_definition d = saying_hook(&one, "bad", 0);
    d.points = points;
    d.point_count = 1;
    d.reads = reads;
    d.read_count = 2;
    add_definition(&d);
    struct hook_event event = tool_event(HOOK_BEFORE_TOOL_EXECUTION, "t", "{\"x\":1,\"y\":2}");
    run_event(&event);
    assert_string_equal(told.text, "continue");
    assert_string_equal(complaints, complaint);
    assert_string_equal(one.saw, "{\"/arguments/x\":1,\"/tool\":\"tool-name\"}");
    fixture_close();
}

static void test_bad_answers(void **state)
{
    (void)state;
    one_bad_answer("{\"result\":\"explode\"}", "bad: its answer has the unknown result \"explode\"\n");
    one_bad_answer("[1]", "bad: its answer is no object with a \"result\"\n");
    one_bad_answer("nonsense", "bad: its answer is not JSON: unexpected character at byte 0\n");
    one_bad_answer("{\"result\":\"cancel\"}", "bad: its answer needs \"reason\", a text\n");
    one_bad_answer("{\"result\":\"retry\",\"delayMs\":-1,\"maxAttempts\":2}",
                   "bad: its answer needs \"delayMs\", a whole number from 0 to 60000\n");
    one_bad_answer("{\"result\":\"cache\",\"key\":\"\",\"ttlMs\":1}",
                   "bad: its answer has a \"key\" that is not 1 to 4096 bytes long\n");
    one_bad_answer("{\"result\":\"fork\",\"operations\":[{}]}",
                   "bad: its answer has an operation without a \"target\"\n");
    one_bad_answer("{\"result\":\"modified\",\"data\":{\"/arguments/y\":1}}",
                   "bad: it changes \"/arguments/y\", which it does not read\n");
    one_bad_answer("{\"result\":\"modified\",\"data\":{\"/tool\":\"other\"}}",
                   "bad: it changes \"/tool\", which cannot be changed\n");
    one_bad_answer("{\"result\":\"modified\",\"data\":{\"/arguments/x/deep\":1}}",
                   "bad: it changes \"/arguments/x/deep\", which is not there\n");
    one_bad_answer("{\"result\":\"modified\",\"data\":{\"\":{}}}",
                   "bad: it changes \"\", which names no member\n");
    /* All or nothing. */
    one_bad_answer("{\"result\":\"modified\",\"data\":{\"/arguments/x\":5,\"/arguments/y\":5}}",
                   "bad: it changes \"/arguments/y\", which it does not read\n");
}

static void test_enormous_answer(void **state)
{
    static char huge[HOOK_ANSWER_MAX + 100];
    (void)state;
    memset(huge, 'x', sizeof(huge) - 1);
    memcpy(huge, "{\"result\":\"cancel\",\"reason\":\"", 29);
    memcpy(huge + sizeof(huge) - 4, "\"}", 3);
    struct saying one = {.json = huge};
    fixture_open();
    add(&one, "huge", "BeforeToolExecution", 0);
    struct hook_event event = tool_event(HOOK_BEFORE_TOOL_EXECUTION, "t", "{}");
    run_event(&event);
    assert_string_equal(told.text, "continue");
    assert_string_equal(complaints, "huge: its answer has 1048674 bytes, more than 1 MiB\n");
    fixture_close();
}

static void test_several_members(void **state)
{
    struct saying one = {.json = "{\"result\":\"modified\",\"data\":{\"/arguments/a~1b\":[1,2],"
                                 "\"/arguments/new\":{},\"/result\":7}}"};
    struct saying two = {.json = "{\"result\":\"modified\",\"data\":{\"/arguments/a~1b/1\":9,"
                                 "\"/arguments/a~1b/-\":3}}"};
    (void)state;
    fixture_open();
    add(&one, "one", "BeforeToolExecution", 0);
    add(&two, "two", "BeforeTool*", 0);
    struct hook_event event = tool_event(HOOK_BEFORE_TOOL_EXECUTION, "t", "{\"a/b\":0, \"c\":1}");
    run_event(&event);
    assert_string_equal(complaints, "");
    assert_string_equal(told.text,
                        "continue arguments={\"a/b\":[1,9,3],\"c\":1,\"new\":{}} result=7");
    fixture_close();
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_every_pair),
        cmocka_unit_test(test_rights),
        cmocka_unit_test(test_observer_is_not_heard),
        cmocka_unit_test(test_bad_answers),
        cmocka_unit_test(test_enormous_answer),
        cmocka_unit_test(test_several_members),
    };
    cmocka_set_message_output(CM_OUTPUT_TAP);
    return cmocka_run_group_tests(tests, NULL, NULL);
}
