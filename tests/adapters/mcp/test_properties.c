/*
 * Rules that hold whatever happens in whatever order: 64 requests of both eras whose progress, log
 * lines, ends and cancellations come pseudo-randomly. Each test looks at the whole log of what was
 * sent. Ids and progress tokens differ in nothing but their type wherever they can.
 *
 * The scenario of a seed is always the same one; a failure names its seed.
 */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "core/json/json.h"
#include "tests/adapters/mcp/fixture.h"
#include "tests/adapters/mcp/ledger.h"

#define REQUESTS 64
#define SCENARIOS 400 /* of each test */
#define SEED 20260728u
#define ID_NUMBERS 40u
#define NEVER ((size_t)-1)

struct asked {
    char id[24];
    char token[24]; /* "": it wants no progress */
    size_t answered; /* place in the log */
    size_t cancelled; /* what was sent until then */
    bool open;
};

struct scenario {
    uint64_t random;
    uint32_t seed;
    struct world *w;
    struct ledger *ledger;
    size_t noted; /* by the ledger */
    struct asked asked[REQUESTS];
    unsigned count;
    unsigned open;
    unsigned cancellations;
    unsigned notifications;
};

static uint32_t below(struct scenario *s, uint32_t limit)
{
    s->random = s->random * UINT64_C(6364136223846793005) + UINT64_C(1442695040888963407);
    return (uint32_t)(s->random >> 33) % limit;
}

static void broken(void *user, const char *rule, struct str message)
{
    const struct scenario *s = user;
    fail_msg("seed %u: %s: %.*s", s->seed, rule, STR_ARG(message));
}

static void note_sent(struct scenario *s)
{
    struct world *w = s->w;
    for (; s->noted < w->sent_count; s->noted++)
        ledger_sent(s->ledger, w->kinds[s->noted], str_from(w->sent[s->noted]), true);
}

static void say(struct scenario *s, const char *text)
{
    char *copy = strdup(text);
    assert_non_null(copy);
    for (char *at = copy; *at; at++)
        if (*at == '\'')
            *at = '"';
    ledger_given(s->ledger, str_from(copy));
    free(copy);
    give(s->w, text);
    note_sent(s);
}

/* ---- what happens -------------------------------------------------------------------------- */

static bool is_used(const struct scenario *s, const char *id)
{
    for (unsigned i = 0; i < s->count; i++)
        if (strcmp(s->asked[i].id, id) == 0)
            return true;
    return false;
}

static void choose_id(struct scenario *s, char id[24])
{
    static const char *const forms[] = {"%u", "'%u'", "-1%u", "'%u '"};
    do {
        unsigned number = below(s, ID_NUMBERS);
        const char *form = forms[below(s, 4)];
        snprintf(id, 24, form, number);
    } while (is_used(s, id));
}

static void ask_one(struct scenario *s)
{
    unsigned number = s->count;
    struct asked a = {.answered = NEVER, .cancelled = NEVER, .open = true};
    char text[600], token[60] = "";
    choose_id(s, a.id);
    if (below(s, 4)) {
        snprintf(a.token, sizeof(a.token), number % 2 ? "'%u'" : "%u", number / 2);
        snprintf(token, sizeof(token), "'progressToken':%s,", a.token);
    }
    snprintf(text, sizeof(text),
             "{'jsonrpc':'2.0','id':%s,'method':'tools/call','params':{'name':'echo',"
             "'arguments':{'n':%u},'_meta':{%s%s}}}",
             a.id, number, token,
             below(s, 2) ? CLAIM ",'io.modelcontextprotocol/logLevel':'debug'" : "'x':1");
    s->asked[s->count++] = a;
    s->open++;
    say(s, text);
    assert_int_equal(s->w->call_count, s->count);
}

/* One that is open, or -1. */
static int choose(struct scenario *s)
{
    unsigned which = s->open ? below(s, s->open) : 0;
    for (unsigned i = 0; i < s->count; i++)
        if (s->asked[i].open && which-- == 0)
            return (int)i;
    return -1;
}

static void end_one(struct scenario *s, unsigned number)
{
    char text[100];
    s->asked[number].open = false;
    s->asked[number].answered = s->w->sent_count;
    s->open--;
    snprintf(text, sizeof(text), "{'content':[{'type':'text','text':'n%u'}]}", number);
    switch (below(s, 3)) {
    case 0:
        finish(s->w, number, CALL_RESULT, text);
        break;
    case 1:
        finish(s->w, number, CALL_TOOL_ERROR, text);
        break;
    default:
        snprintf(text, sizeof(text), "n%u", number);
        fail_call(s->w, number, text);
    }
}

static void cancel_one(struct scenario *s, unsigned number)
{
    char text[120];
    s->asked[number].open = false;
    s->asked[number].cancelled = s->w->sent_count;
    s->open--;
    s->cancellations++;
    snprintf(text, sizeof(text), CANCEL("%s"), s->asked[number].id);
    say(s, text);
    assert_int_equal(s->w->calls[number].cancelled, 1);
}

static void report_one(struct scenario *s, unsigned number)
{
    char text[20];
    size_t before = s->w->sent_count;
    snprintf(text, sizeof(text), "n%u", number);
    if (below(s, 2))
        progress(s->w, number, below(s, 1000) / 8.0, below(s, 2) ? 100 : 0, text);
    else
        log_line(s->w, number, (enum log_level)below(s, 8), text);
    s->notifications += s->w->sent_count > before;
}

static void happen(struct scenario *s)
{
    int number = choose(s);
    unsigned what = below(s, 16);
    if (number < 0 || (what < 3 && s->count < REQUESTS)) {
        ask_one(s);
    } else if (what == 3) {
        cancel_one(s, (unsigned)number);
    } else if (what < 6) {
        end_one(s, (unsigned)number);
    } else if (what < 14) {
        report_one(s, (unsigned)number);
    } else {
        pass(s->w, below(s, 50));
    }
    note_sent(s);
}

static void scenario_run(struct scenario *s, uint32_t seed)
{
    static const char *const revisions[] = {"2024-11-05", "2025-06-18", "2025-11-25"};
    void *state;
    *s = (struct scenario){.seed = seed, .random = seed};
    world_setup(&state);
    s->w = state;
    s->w->options.max_in_flight = REQUESTS;
    s->w->speaks_when_cancelled = true;
    reopen(s->w);
    s->ledger = ledger_new(broken, s);
    ledger_given(s->ledger, STR("{\"jsonrpc\":\"2.0\",\"id\":\"init\",\"method\":\"initialize\"}"));
    begin_session(s->w, revisions[below(s, 3)]);
    note_sent(s);
    while (s->count < REQUESTS || s->open)
        happen(s);
    ledger_end(s->ledger);
}

static void scenario_end(struct scenario *s)
{
    void *state = s->w;
    ledger_free(s->ledger);
    world_teardown(&state);
}

static void for_all_scenarios(void (*check)(const struct scenario *s), uint32_t first_seed)
{
    struct scenario *s = malloc(sizeof(*s));
    unsigned cancellations = 0, notifications = 0;
    assert_non_null(s);
    for (uint32_t seed = first_seed; seed < first_seed + SCENARIOS; seed++) {
        scenario_run(s, seed);
        check(s);
        cancellations += s->cancellations;
        notifications += s->notifications;
        scenario_end(s);
    }
    free(s);
    print_message("# seeds %u to %u: %u cancellations, %u notifications\n", first_seed,
                  first_seed + SCENARIOS - 1, cancellations, notifications);
    assert_in_range(cancellations, SCENARIOS, SCENARIOS * REQUESTS);
    assert_in_range(notifications, SCENARIOS * REQUESTS / 8, UINT32_MAX);
}

/* ---- what was sent ------------------------------------------------------------------------- */

/* `text` is in the log as the value of a member, with " for '. */
static bool is_value(struct json value, const char *text)
{
    char quoted[24];
    snprintf(quoted, sizeof(quoted), "%s", text);
    for (char *at = quoted; *at; at++)
        if (*at == '\'')
            *at = '"';
    return json_exists(value) && str_eq(json_text(value), str_from(quoted));
}

static struct json_doc *sent(const struct scenario *s, size_t place)
{
    struct json_doc *doc;
    assert_int_equal(json_parse(str_from(s->w->sent[place]), &doc, NULL), ST_OK);
    return doc;
}

/* Which request the message is of by its progress token or log line; -1: by neither. */
static int notified(const struct scenario *s, struct json message)
{
    struct json params = json_get(message, STR("params"));
    struct json token = json_get(params, STR("progressToken"));
    struct str data;
    int found = -1;
    if (json_plain(json_get(params, STR("data")), &data))
        return atoi(data.ptr + 1);
    for (unsigned i = 0; i < s->count; i++)
        if (s->asked[i].token[0] && is_value(token, s->asked[i].token))
            found = (int)i;
    return found;
}

static int responded(const struct scenario *s, struct json message)
{
    for (unsigned i = 0; i < s->count; i++)
        if (is_value(json_get(message, STR("id")), s->asked[i].id))
            return (int)i;
    return -1;
}

/* Calls `look` for each message behind the answer to initialize. */
static void for_all_sent(const struct scenario *s,
                         void (*look)(const struct scenario *s, size_t place, struct json message,
                                      void *user),
                         void *user)
{
    for (size_t place = 1; place < s->w->sent_count; place++) {
        struct json_doc *doc = sent(s, place);
        look(s, place, json_root(doc), user);
        json_free(doc);
    }
}

static void hold(const struct scenario *s, bool rule, size_t place)
{
    if (!rule)
        fail_msg("seed %u, message %zu: %s", s->seed, place, s->w->sent[place]);
}

/* ---- section 1 ----------------------------------------------------------------------------- */

static void count_response(const struct scenario *s, size_t place, struct json message, void *user)
{
    unsigned *responses = user;
    int number = responded(s, message);
    hold(s, json_exists(json_get(message, STR("id"))) == (number >= 0), place);
    if (number >= 0) {
        hold(s, s->asked[number].answered == place, place);
        responses[number]++;
    }
}

static void check_responses(const struct scenario *s)
{
    unsigned responses[REQUESTS] = {0};
    for_all_sent(s, count_response, responses);
    for (unsigned i = 0; i < REQUESTS; i++)
        assert_int_equal(responses[i], s->asked[i].cancelled == NEVER ? 1 : 0);
}

static void test_s1_every_request_has_one_response(void **state)
{
    (void)state;
    for_all_scenarios(check_responses, SEED);
}

static void look_at_text(const struct scenario *s, size_t place, struct json message, void *user)
{
    char own[20];
    int number = responded(s, message);
    (void)user;
    if (number < 0)
        return;
    struct json content = json_get(json_get(message, STR("result")), STR("content"));
    struct json text = json_exists(content) ? json_get(json_at(content, 0), STR("text"))
                                            : json_get(json_get(message, STR("error")),
                                                       STR("message"));
    snprintf(own, sizeof(own), "n%d", number);
    hold(s, json_is(text, str_from(own)), place);
}

static void check_texts(const struct scenario *s)
{
    for_all_sent(s, look_at_text, NULL);
}

static void test_s1_ids_are_never_confused(void **state)
{
    (void)state;
    for_all_scenarios(check_texts, SEED + SCENARIOS);
}

/* ---- section 11 ---------------------------------------------------------------------------- */

static void look_for_cancelled(const struct scenario *s, size_t place, struct json message,
                               void *user)
{
    (void)user;
    int number = json_exists(json_get(message, STR("id"))) ? responded(s, message)
                                                            : notified(s, message);
    hold(s, number >= 0, place);
    hold(s, strstr(s->w->sent[place], "last words") == NULL, place);
    hold(s, place < s->asked[number].cancelled, place);
}

static void check_cancelled(const struct scenario *s)
{
    for_all_sent(s, look_for_cancelled, NULL);
}

static void test_s11_nothing_is_sent_for_a_cancelled_request(void **state)
{
    (void)state;
    for_all_scenarios(check_cancelled, SEED + 2 * SCENARIOS);
}

static void look_for_late(const struct scenario *s, size_t place, struct json message, void *user)
{
    (void)user;
    if (json_exists(json_get(message, STR("method"))))
        hold(s, place < s->asked[notified(s, message)].answered, place);
}

static void check_late(const struct scenario *s)
{
    for_all_sent(s, look_for_late, NULL);
}

static void test_s11_no_notification_follows_the_response(void **state)
{
    (void)state;
    for_all_scenarios(check_late, SEED + 3 * SCENARIOS);
}

static void look_at_progress(const struct scenario *s, size_t place, struct json message,
                             void *user)
{
    double *last = user, progress;
    if (!json_is(json_get(message, STR("method")), STR("notifications/progress")))
        return;
    int number = notified(s, message);
    hold(s, number >= 0, place);
    hold(s, json_double(json_get(json_get(message, STR("params")), STR("progress")), &progress),
         place);
    hold(s, progress > last[number], place);
    last[number] = progress;
}

static void check_progress(const struct scenario *s)
{
    double last[REQUESTS];
    for (unsigned i = 0; i < REQUESTS; i++)
        last[i] = -1;
    for_all_sent(s, look_at_progress, last);
}

static void test_s11_progress_rises_strictly(void **state)
{
    (void)state;
    for_all_scenarios(check_progress, SEED + 4 * SCENARIOS);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_s1_every_request_has_one_response),
        cmocka_unit_test(test_s1_ids_are_never_confused),
        cmocka_unit_test(test_s11_nothing_is_sent_for_a_cancelled_request),
        cmocka_unit_test(test_s11_no_notification_follows_the_response),
        cmocka_unit_test(test_s11_progress_rises_strictly),
    };
    cmocka_set_message_output(CM_OUTPUT_TAP);
    return cmocka_run_group_tests(tests, NULL, NULL);
}
