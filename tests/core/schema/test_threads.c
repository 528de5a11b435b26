/* One schema, many threads: for a build with the thread sanitizer. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <pthread.h>
#include <stdio.h>
#include <stdlib.h>

#include <cmocka.h>

#include "tests/core/schema/support.h"

#define THREADS 4
#define ROUNDS 200

static struct schema *schema;
static struct json_doc *good, *bad;

static void *check_both(void *arg)
{
    uintptr_t wrong = 0;
    (void)arg;
    for (int i = 0; i < ROUNDS; i++) {
        struct error err = {0};
        wrong += schema_check(schema, json_root(good), &err) != ST_OK;
        wrong += schema_check(schema, json_root(bad), &err) != ST_INVALID;
        wrong += strcmp(err.text, "/l/l/v: must be a string, is a number") != 0;
    }
    return (void *)wrong;
}

static void test_checks_at_once(void **state)
{
    (void)state;
    pthread_t threads[THREADS];
    void *wrong;
    schema = compile("{\"$id\":\"http://e.example/tree\",\"$dynamicAnchor\":\"node\","
                     "\"properties\":{\"l\":{\"$dynamicRef\":\"#node\"},\"v\":{\"type\":\"string\","
                     "\"pattern\":\"a\"}},\"unevaluatedProperties\":false}");
    good = parse("{\"l\":{\"l\":{\"v\":\"\\u0061\"}},\"v\":\"a\"}");
    bad = parse("{\"l\":{\"l\":{\"v\":1}},\"v\":\"a\"}");
    for (int i = 0; i < THREADS; i++)
        assert_int_equal(pthread_create(&threads[i], NULL, check_both, NULL), 0);
    for (int i = 0; i < THREADS; i++) {
        assert_int_equal(pthread_join(threads[i], &wrong), 0);
        assert_null(wrong);
    }
    json_free(good);
    json_free(bad);
    schema_free(schema);
}

int main(void)
{
    const struct CMUnitTest tests[] = {cmocka_unit_test(test_checks_at_once)};
    cmocka_set_message_output(CM_OUTPUT_TAP);
    return cmocka_run_group_tests(tests, NULL, NULL);
}
