#include "contract.h"

#include <stdio.h>
#include <stdlib.h>

static void a_projection_moves_with_its_rows(void **state)
{
    struct store *s = *state;
    const char *space = fresh("rows");
    assert_answer(s, OP_ROWS, space, "{\"projection\":\"p\",\"limit\":9}", NULL,
                  "{\"position\":0,\"rows\":[],\"more\":false}");
    assert_answer(s, OP_PROJECT, space,
                  "{\"projection\":\"p\",\"expected\":0,\"position\":5,\"rows\":[{\"key\":\"b\","
                  "\"value\":{\"n\":1}},{\"key\":\"a\",\"value\":\"x\"}]}",
                  NULL, "{\"position\":5}");
    assert_answer(s, OP_ROWS, space, "{\"projection\":\"p\",\"limit\":9}", NULL,
                  "{\"position\":5,\"rows\":[{\"key\":\"a\",\"value\":\"x\"},{\"key\":\"b\",\"value\":"
                  "{\"n\":1}}],\"more\":false}");
    assert_answer(s, OP_PROJECT, space,
                  "{\"projection\":\"p\",\"expected\":4,\"position\":9,\"rows\":[{\"key\":\"a\","
                  "\"value\":null}]}",
                  NULL, "{\"conflict\":{\"actual\":5}}");
    assert_answer(s, OP_PROJECT, space,
                  "{\"projection\":\"p\",\"expected\":5,\"position\":9,\"rows\":[{\"key\":\"a\","
                  "\"value\":null},{\"key\":\"b\",\"value\":[2]},{\"key\":\"none\",\"value\":null}]}",
                  NULL, "{\"position\":9}");
    assert_answer(s, OP_ROWS, space, "{\"projection\":\"p\",\"limit\":9}", NULL,
                  "{\"position\":9,\"rows\":[{\"key\":\"b\",\"value\":[2]}],\"more\":false}");
    assert_answer(s, OP_PROJECT, space, "{\"projection\":\"p\",\"expected\":9,\"position\":12,\"rows\":[]}",
                  NULL, "{\"position\":12}");
}

static void a_reset_drops_all_rows(void **state)
{
    struct store *s = *state;
    const char *space = fresh("reset");
    assert_answer(s, OP_PROJECT, space,
                  "{\"projection\":\"p\",\"expected\":0,\"position\":5,\"rows\":[{\"key\":\"a\","
                  "\"value\":1},{\"key\":\"b\",\"value\":2}]}",
                  NULL, "{\"position\":5}");
    assert_answer(s, OP_PROJECT, space,
                  "{\"projection\":\"p\",\"expected\":5,\"position\":0,\"reset\":true,\"rows\":[{\"key\":"
                  "\"c\",\"value\":3}]}",
                  NULL, "{\"position\":0}");
    assert_answer(s, OP_ROWS, space, "{\"projection\":\"p\",\"limit\":9}", NULL,
                  "{\"position\":0,\"rows\":[{\"key\":\"c\",\"value\":3}],\"more\":false}");
}

static void one_projection_takes_the_place_of_another(void **state)
{
    struct store *s = *state;
    const char *space = fresh("replaces");
    assert_answer(s, OP_PROJECT, space,
                  "{\"projection\":\"p\",\"expected\":0,\"position\":5,\"rows\":[{\"key\":\"old\","
                  "\"value\":1}]}",
                  NULL, "{\"position\":5}");
    assert_answer(s, OP_PROJECT, space,
                  "{\"projection\":\"p.new\",\"expected\":0,\"position\":3,\"rows\":[{\"key\":\"a\","
                  "\"value\":2}]}",
                  NULL, "{\"position\":3}");
    assert_answer(s, OP_PROJECT, space,
                  "{\"projection\":\"p.new\",\"expected\":2,\"position\":6,\"replaces\":\"p\",\"rows\":[]}",
                  NULL, "{\"conflict\":{\"actual\":3}}");
    assert_answer(s, OP_PROJECT, space,
                  "{\"projection\":\"p.new\",\"expected\":3,\"position\":6,\"replaces\":\"p\",\"rows\":[{"
                  "\"key\":\"b\",\"value\":3}]}",
                  NULL, "{\"position\":6}");
    assert_answer(s, OP_ROWS, space, "{\"projection\":\"p\",\"limit\":9}", NULL,
                  "{\"position\":6,\"rows\":[{\"key\":\"a\",\"value\":2},{\"key\":\"b\",\"value\":3}],"
                  "\"more\":false}");
    assert_answer(s, OP_ROWS, space, "{\"projection\":\"p.new\",\"limit\":9}", NULL,
                  "{\"position\":0,\"rows\":[],\"more\":false}");
    assert_answer(s, OP_PROJECT, space,
                  "{\"projection\":\"p\",\"expected\":6,\"position\":7,\"rows\":[{\"key\":\"a\","
                  "\"value\":null}]}",
                  NULL, "{\"position\":7}");
    assert_answer(s, OP_PROJECT, space,
                  "{\"projection\":\"fresh\",\"expected\":0,\"position\":8,\"replaces\":\"none\",\"rows\":"
                  "[{\"key\":\"z\",\"value\":1}]}",
                  NULL, "{\"position\":8}");
    assert_answer(s, OP_ROWS, space, "{\"projection\":\"none\",\"limit\":9}", NULL,
                  "{\"position\":8,\"rows\":[{\"key\":\"z\",\"value\":1}],\"more\":false}");
}

static void rows_by_key_and_prefix(void **state)
{
    struct store *s = *state;
    const char *space = fresh("prefix");
    const char *rows = "";
    static const char *const keys[] = {"a", "a/1", "a/2", "a/3", "a0", "b/1", "\xC3\xA9/1"};
    for (size_t i = 0; i < sizeof(keys) / sizeof(keys[0]); i++)
        rows = textf("%s%s{\"key\":\"%s\",\"value\":%zu}", rows, i ? "," : "", keys[i], i);
    assert_answer(s, OP_PROJECT, space,
                  textf("{\"projection\":\"p\",\"expected\":0,\"position\":1,\"rows\":[%s]}", rows),
                  NULL, "{\"position\":1}");
    assert_answer(s, OP_ROWS, space, "{\"projection\":\"p\",\"key\":\"a/2\",\"limit\":1}", NULL,
                  "{\"position\":1,\"rows\":[{\"key\":\"a/2\",\"value\":2}],\"more\":false}");
    assert_answer(s, OP_ROWS, space, "{\"projection\":\"p\",\"key\":\"a/4\",\"limit\":1}", NULL,
                  "{\"position\":1,\"rows\":[],\"more\":false}");
    assert_answer(s, OP_ROWS, space, "{\"projection\":\"p\",\"prefix\":\"a/\",\"limit\":2}", NULL,
                  "{\"position\":1,\"rows\":[{\"key\":\"a/1\",\"value\":1},{\"key\":\"a/2\",\"value\":2}],"
                  "\"more\":true}");
    assert_answer(s, OP_ROWS, space,
                  "{\"projection\":\"p\",\"prefix\":\"a/\",\"after\":\"a/2\",\"limit\":2}", NULL,
                  "{\"position\":1,\"rows\":[{\"key\":\"a/3\",\"value\":3}],\"more\":false}");
    assert_answer(s, OP_ROWS, space,
                  "{\"projection\":\"p\",\"prefix\":\"a/\",\"backward\":true,\"limit\":2}", NULL,
                  "{\"position\":1,\"rows\":[{\"key\":\"a/3\",\"value\":3},{\"key\":\"a/2\",\"value\":2}],"
                  "\"more\":true}");
    assert_answer(s, OP_ROWS, space,
                  "{\"projection\":\"p\",\"prefix\":\"a/\",\"backward\":true,\"after\":\"a/2\",\"limit\":2}",
                  NULL,
                  "{\"position\":1,\"rows\":[{\"key\":\"a/1\",\"value\":1}],\"more\":false}");
    assert_answer(s, OP_ROWS, space, "{\"projection\":\"p\",\"backward\":true,\"limit\":1}", NULL,
                  "{\"position\":1,\"rows\":[{\"key\":\"\xC3\xA9/1\",\"value\":6}],\"more\":true}");
    assert_answer(s, OP_ROWS, space, "{\"projection\":\"p\",\"after\":\"b\",\"limit\":1}", NULL,
                  "{\"position\":1,\"rows\":[{\"key\":\"b/1\",\"value\":5}],\"more\":true}");
    assert_answer(s, OP_ROWS, space, "{\"projection\":\"p\",\"prefix\":\"c\",\"limit\":1}", NULL,
                  "{\"position\":1,\"rows\":[],\"more\":false}");
    assert_answer(s, OP_ROWS, textf("%s2", space), "{\"projection\":\"p\",\"limit\":1}", NULL,
                  "{\"position\":0,\"rows\":[],\"more\":false}");
}

static void many_rows(void **state)
{
    struct store *s = *state;
    const char *space = fresh("many");
    char *rows = calloc(1, 200000);
    size_t len = 0;
    struct got got;
    for (int i = 0; i < 2500; i++)
        len += (size_t)snprintf(rows + len, 200000 - len, "%s{\"key\":\"k%05d\",\"value\":{\"n\":%d}}",
                                i ? "," : "", i, i);
    assert_answer(s, OP_PROJECT, space,
                  textf("{\"projection\":\"p\",\"expected\":0,\"position\":1,\"rows\":[%s]}", rows),
                  NULL, "{\"position\":1}");
    free(rows);
    got = ask(s, OP_ROWS, space, "{\"projection\":\"p\",\"after\":\"k01499\",\"limit\":1000}", NULL);
    assert_int_equal(got.code, HEXMCP_OK);
    assert_non_null(strstr(got.text, "k01500"));
    assert_non_null(strstr(got.text, "k02499"));
    assert_null(strstr(got.text, "k01499"));
    got_free(&got);
}

static void writers_race_for_the_checkpoint(void **state)
{
    struct store *s = *state;
    const char *space = fresh("race");
    struct asked asked[20];
    int won = 0;
    for (int i = 0; i < 20; i++)
        asked[i] = begin(s, OP_PROJECT, space,
                         textf("{\"projection\":\"p\",\"expected\":0,\"position\":%d,\"rows\":[{\"key\":"
                               "\"k%d\",\"value\":1}]}",
                               i + 1, i),
                         NULL);
    for (int i = 0; i < 20; i++) {
        struct got got = end(s, &asked[i]);
        assert_int_equal(got.code, HEXMCP_OK);
        won += strstr(got.text, "conflict") == NULL;
        got_free(&got);
    }
    assert_int_equal(won, 1);
    assert_answer(s, OP_ROWS, space, "{\"projection\":\"p\",\"limit\":9}", NULL,
                  "{\"position\":1,\"rows\":[{\"key\":\"k0\",\"value\":1}],\"more\":false}");
}

#define CASE(f) cmocka_unit_test_setup_teardown(f, open_store, close_store)

int run_projections(void)
{
    const struct CMUnitTest tests[] = {
        CASE(a_projection_moves_with_its_rows),
        CASE(a_reset_drops_all_rows),
        CASE(one_projection_takes_the_place_of_another),
        CASE(rows_by_key_and_prefix),
        CASE(many_rows),
        CASE(writers_race_for_the_checkpoint),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
