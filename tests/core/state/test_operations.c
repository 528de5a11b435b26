/* State as operations: what is answered, and that nobody reaches another one's. */
#include "core/operation/operations.h"
#include "core/state/operations.h"
#include "tests/core/state/fixture.h"

static struct operations *ops;
static struct state_operations *domain;
static struct caller alice = {.id = STR_INIT("alice"), .tenant = STR_INIT("acme")};
static struct caller bob = {.id = STR_INIT("bob"), .tenant = STR_INIT("acme")};
static struct caller eve = {.id = STR_INIT("alice"), .tenant = STR_INIT("other")};
static void (*fire)(void *arg);
static void *fire_arg;
static uint64_t delay;
static char pieces[1000];

static struct timer *timer_create(void *ctx, void (*f)(void *arg), void *arg)
{
    (void)ctx;
    fire = f;
    fire_arg = arg;
    return (struct timer *)&delay;
}

static void timer_set(void *ctx, struct timer *timer, uint64_t delay_ms)
{
    (void)ctx;
    (void)timer;
    delay = delay_ms;
}

static void timer_free(void *ctx, struct timer *timer)
{
    (void)ctx;
    (void)timer;
}

static const struct timer_port timers = {.create = timer_create, .set = timer_set,
                                         .free = timer_free};

static int draw(void *ctx, void *out, size_t len, struct error *err)
{
    (void)ctx;
    (void)err;
    memset(out, 0xab, len);
    return ST_OK;
}

static const struct random_port random_source = {.fill = draw};

static int start(void **test)
{
    set_up(test);
    assert_int_equal(operations_new(NULL, &ops, NULL), ST_OK);
    const struct state_operations_parts p = {state, &timers, &random_source, NULL, NULL, NULL};
    return state_operations_new(&p, ops, &domain, NULL);
}

static int end(void **test)
{
    state_operations_free(domain);
    int rc = tear_down(test);
    operations_free(ops);
    return rc;
}

static void piece(void *arg, struct str json, struct str bytes)
{
    (void)arg;
    (void)bytes;
    size_t at = strlen(pieces);
    snprintf(pieces + at, sizeof(pieces) - at, "%.*s\n", STR_ARG(json));
}

static void answered(void *arg, const struct error *err, struct str json)
{
    (void)arg;
    dones++;
    if (err)
        snprintf(told, sizeof(told), "%d %s", err->code, err->text);
    else
        snprintf(told, sizeof(told), "%.*s", STR_ARG(json));
}

static void call(const struct caller *caller, const char *name, const char *arguments)
{
    const struct operation_service *service = operations_service(ops);
    const struct call_context context = {.caller = caller};
    const struct operation_request request = {str_from(name), str_from(arguments), {NULL, 0},
                                              &context};
    const struct operation_observer observer = {NULL, piece, answered};
    told[0] = pieces[0] = '\0';
    service->execute(service->ctx, &request, &observer, NULL);
}

#define S1 "\"scope\":\"session\",\"id\":\"s1\""

static void values_come_and_go(void **test)
{
    (void)test;
    call(&alice, "state.set", "{" S1 ",\"key\":\"k\\u0041\",\"value\":{\"x\":1},\"ttlMs\":1000}");
    assert_string_equal(told, "{\"version\":1}");
    call(&alice, "state.get", "{" S1 ",\"key\":\"kA\"}");
    assert_string_equal(told, "{\"key\":\"kA\",\"value\":{\"x\":1},\"version\":1,\"bytes\":70,"
                              "\"class\":\"standard\",\"schema\":1,"
                              "\"updatedAt\":\"1970-01-01T00:16:40.000Z\","
                              "\"expiresAt\":\"1970-01-01T00:16:41.000Z\"}");
    call(&bob, "state.get", "{" S1 ",\"key\":\"kA\"}");
    assert_string_equal(told, "-4 there is no \"kA\" in the state of this session");
    call(&eve, "state.get", "{" S1 ",\"key\":\"kA\"}");
    assert_string_equal(told, "-4 there is no \"kA\" in the state of this session");
    call(&alice, "state.cas", "{" S1 ",\"key\":\"kA\",\"value\":2,\"ifVersion\":0}");
    assert_string_equal(told, "{\"version\":1,\"conflict\":true}");
    call(&alice, "state.quota", "{" S1 "}");
    assert_string_equal(told, "{\"bytes\":72,\"maxBytes\":100000,\"keys\":1,\"maxKeys\":100}");
    call(&alice, "state.delete", "{" S1 ",\"key\":\"kA\"}");
    assert_string_equal(told, "{\"version\":3,\"removed\":true}");
    call(&alice, "state.set", "{\"key\":\"g\",\"value\":1}");
    call(&bob, "state.get", "{\"key\":\"g\"}");
    assert_memory_equal(told, "{\"key\":\"g\",\"value\":1,", 20);
}

static void arguments_are_checked(void **test)
{
    (void)test;
    call(&alice, "state.get", "{\"scope\":\"session\",\"key\":\"k\"}");
    assert_string_equal(told, "-3 state of the scope session needs an id");
    call(&alice, "state.set", "{\"key\":\"k\"}");
    assert_string_equal(told, "-3 state.set: missing required property \"value\"");
    call(&alice, "state.set", "{\"key\":\"k\",\"value\":1,\"class\":\"trusted\"}");
    assert_memory_equal(told, "-3 state.set: /class: must be ", 30);
    call(&alice, "state.get", "{\"key\":\"k\",\"tenant\":\"other\"}");
    assert_memory_equal(told, "-3 state.get: ", 14);
    call(&alice, "state.set", "{\"key\":\"k\",\"value\":{\"password\":\"x\"}}");
    assert_memory_equal(told, "-6 the value of \"k\" holds a secret by its name at /password", 58);
}

static void lists_and_searches(void **test)
{
    (void)test;
    call(&alice, "state.set", "{\"key\":\"a\",\"value\":{\"n\":1}}");
    call(&alice, "state.set", "{\"key\":\"b\",\"value\":{\"n\":2}}");
    call(&alice, "state.list", "{\"limit\":1}");
    assert_string_equal(told,
                        "{\"entries\":[{\"key\":\"a\",\"version\":1,\"bytes\":64}],\"next\":\"a\"}");
    call(&alice, "state.search", "{\"pointer\":\"/n\",\"equals\":2,\"values\":true}");
    assert_memory_equal(told, "{\"entries\":[{\"key\":\"b\",\"value\":{\"n\":2},", 39);
    call(&alice, "state.clear", "{\"prefix\":\"a\"}");
    assert_string_equal(told, "{\"removed\":1}");
}

static void a_watch_ends(void **test)
{
    (void)test;
    dones = 0;
    call(&alice, "state.watch", "{\"timeoutMs\":50}");
    assert_int_equal(dones, 0);
    assert_int_equal(delay, 50);
    fire(fire_arg);
    assert_string_equal(told, "{\"changes\":[],\"sequence\":1}");
    call(&alice, "state.watch", "{}");
    assert_int_equal(delay, 30000);
    set(GLOBAL, "k", "1");
    call(&alice, "state.watch", "{\"after\":1}");
    assert_string_equal(told,
                        "{\"changes\":[{\"sequence\":2,\"tenant\":\"acme\",\"scope\":\"global\","
                        "\"key\":\"k\",\"version\":1,\"change\":\"set\"}],\"sequence\":2}");
    call(&alice, "state.watch", "{}"); /* dropped at the end */
}

#define FILE_TEXT                                                                                  \
    "\"migrations\":{\"migrations\":[{\"from\":1,\"to\":2,\"steps\":[{\"rename\":{\"from\":\"/n\","   \
    "\"to\":\"/m\"}}]}]}"

static void migrations_are_run(void **test)
{
    (void)test;
    call(&alice, "state.set", "{\"key\":\"a\",\"value\":{\"n\":1}}");
    call(&alice, "state.migrate", "{" FILE_TEXT ",\"dryRun\":true}");
    assert_string_equal(told,
                        "{\"run\":\"abababababababab\",\"to\":2,\"seen\":1,\"migrated\":1,"
                        "\"unchanged\":0,\"failed\":0,\"risk\":\"low\",\"rolledBack\":false,"
                        "\"kept\":false}");
    assert_string_equal(pieces, "{\"run\":\"abababababababab\",\"to\":2,\"seen\":1,\"migrated\":1,"
                                "\"unchanged\":0,\"failed\":0}\n");
    call(&alice, "state.migrate", "{" FILE_TEXT "}");
    assert_non_null(strstr(told, "\"kept\":true"));
    call(&eve, "state.rollback", "{\"run\":\"abababababababab\"}");
    assert_string_equal(told, "-4 no migration of this tenant is kept under that name");
    call(&alice, "state.rollback", "{\"run\":\"abababababababab\"}");
    assert_non_null(strstr(told, "\"rolledBack\":true,\"restored\":1,\"left\":0"));
    call(&alice, "state.commit", "{\"run\":\"abababababababab\"}");
    assert_memory_equal(told, "-4 ", 3);
    call(&alice, "state.migrate", "{\"migrations\":{}}");
    assert_string_equal(told, "-3 \"migrations\" must be an array of 1 to 256 migrations");
}

int main(void)
{
#define TEST(name) cmocka_unit_test_setup_teardown(name, start, end)
    const struct CMUnitTest tests[] = {
        TEST(values_come_and_go),   TEST(arguments_are_checked), TEST(lists_and_searches),
        TEST(a_watch_ends),         TEST(migrations_are_run),
    };
    cmocka_set_message_output(CM_OUTPUT_TAP);
    return cmocka_run_group_tests(tests, NULL, NULL);
}
