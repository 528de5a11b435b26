/* Steps, plans and what is wrong with a file or a value. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>

#include <cmocka.h>

#include "core/migration/migration.h"

static char told[1000];

static struct migration *compile(const char *text)
{
    struct migration *m = NULL;
    struct error err;
    if (migration_compile(str_from(text), NULL, &m, &err))
        snprintf(told, sizeof(told), "%d %s", err.code, err.text);
    return m;
}

static void run(const struct migration_plan *plan, const char *value,
                enum migration_validation how)
{
    struct migration_work *work = migration_work_new();
    struct json_doc *doc;
    struct buffer out = BUFFER_INIT;
    struct error err;
    assert_int_equal(json_parse(str_from(value), &doc, NULL), ST_OK);
    int rc = migration_apply(plan, work, json_root(doc), &out, &err);
    if (!rc)
        rc = migration_validate(plan, how, json_root(doc), buffer_str(&out), &err);
    if (rc)
        snprintf(told, sizeof(told), "%d %s", rc, err.text);
    else
        snprintf(told, sizeof(told), "%.*s", STR_ARG(buffer_str(&out)));
    buffer_clear(&out);
    json_free(doc);
    migration_work_free(work);
}

/* Migrates a value by some steps. */
static void steps(const char *list, const char *value, const char *expected)
{
    char file[2000];
    struct migration_plan plan;
    snprintf(file, sizeof(file), "{\"migrations\":[{\"from\":1,\"to\":2,\"steps\":[%s]}]}", list);
    struct migration *m = compile(file);
    if (m) {
        assert_int_equal(migration_plan(m, 1, 2, &plan, NULL), ST_OK);
        run(&plan, value, VALIDATE_NONE);
    }
    assert_string_equal(told, expected);
    migration_free(m);
}

static void untouched_text_stays(void **state)
{
    (void)state;
    steps("", "{ \"a\" : 1.50, \"b\":[ 1 ,2] }", "{ \"a\" : 1.50, \"b\":[ 1 ,2] }");
    steps("{\"remove\":{\"at\":\"/x\"}}", "{ \"a\" : 1.50, \"b\\u0041\":[ 1 ,2],\"x\":0}",
          "{\"a\":1.50,\"b\\u0041\":[ 1 ,2]}");
}

static void values_are_moved(void **state)
{
    (void)state;
    steps("{\"copy\":{\"from\":\"/a\",\"to\":\"/b\"}}", "{\"a\":{\"x\":1}}",
          "{\"a\":{\"x\":1},\"b\":{\"x\":1}}");
    steps("{\"default\":{\"at\":\"/a/y\",\"value\":2}},{\"copy\":{\"from\":\"/a\",\"to\":\"/c/d\"}},"
          "{\"default\":{\"at\":\"/a/z\",\"value\":3}}",
          "{\"a\":{\"x\":1}}", "{\"a\":{\"x\":1,\"y\":2,\"z\":3},\"c\":{\"d\":{\"x\":1,\"y\":2}}}");
    steps("{\"rename\":{\"from\":\"/a\",\"to\":\"/b/c\"}}", "{\"a\":1,\"z\":2}",
          "{\"z\":2,\"b\":{\"c\":1}}");
    steps("{\"rename\":{\"from\":\"/a\",\"to\":\"/b\"}}", "{\"b\":1,\"a\":2}", "{\"b\":2}");
    steps("{\"rename\":{\"from\":\"/a~1b\",\"to\":\"/c\"}}", "{\"a/\\u0062\":1}", "{\"c\":1}");
    steps("{\"rename\":{\"from\":\"/x\",\"to\":\"/c\"}}", "{\"a\":1}", "{\"a\":1}");
    steps("{\"rename\":{\"from\":\"/x\",\"to\":\"/c\",\"required\":true}}", "{\"a\":1}",
          "-3 version 1 to 2, step 1 (rename /x): there is nothing at \"/x\"");
    steps("{\"copy\":{\"from\":\"/a\",\"to\":\"/a/b\"}}", "{\"a\":{}}",
          "-3 version 1 to 2, step 1 (copy /a): \"/a\" and \"/a/b\" lie within each other");
    steps("{\"copy\":{\"from\":\"/a\",\"to\":\"/b/c\"}}", "{\"a\":1,\"b\":[]}",
          "-3 version 1 to 2, step 1 (copy /a): \"/b/c\" cannot be put there: what should hold it is "
          "no object");
    steps("{\"copy\":{\"from\":\"/list/1\",\"to\":\"/second\"}}", "{\"list\":[5,6]}",
          "{\"list\":[5,6],\"second\":6}");
}

static void defaults_fill_what_is_missing(void **state)
{
    (void)state;
    steps("{\"default\":{\"at\":\"/a\",\"value\":{\"x\":[]}}},"
          "{\"default\":{\"at\":\"/a/y\",\"value\":null}}",
          "{}", "{\"a\":{\"x\":[],\"y\":null}}");
    steps("{\"default\":{\"at\":\"/a\",\"value\":1}}", "{\"a\":null}", "{\"a\":null}");
    steps("{\"default\":{\"at\":\"/l/*/n\",\"value\":0}}", "{\"l\":[{},{\"n\":1}]}",
          "{\"l\":[{\"n\":0},{\"n\":1}]}");
    steps("{\"default\":{\"at\":\"/a\",\"value\":1}}", "[]",
          "-3 version 1 to 2, step 1 (default /a): what should hold it is no object");
}

static void values_are_removed(void **state)
{
    (void)state;
    steps("{\"remove\":{\"at\":\"/a\"}},{\"remove\":{\"at\":\"/b/c\"}}",
          "{\"a\":1,\"b\":{\"c\":1,\"d\":2}}", "{\"b\":{\"d\":2}}");
    steps("{\"remove\":{\"at\":\"/l/*/x\"}}", "{\"l\":[{\"x\":1},{\"x\":2,\"y\":3}]}",
          "{\"l\":[{},{\"y\":3}]}");
    steps("{\"remove\":{\"at\":\"/l/1\"}}", "{\"l\":[1,2,3]}", "{\"l\":[1,3]}");
    steps("{\"remove\":{\"at\":\"/l/*\"}}", "{\"l\":[1,2,3]}", "{\"l\":[]}");
    steps("{\"remove\":{\"at\":\"/b\"}},{\"default\":{\"at\":\"/c\",\"value\":1}}",
          "{\"a\":1,\"b\":2}", "{\"a\":1,\"c\":1}");
}

#define CONVERT(to) "{\"convert\":{\"at\":\"/v\",\"to\":\"" to "\"}}"

static void values_are_converted(void **state)
{
    (void)state;
    steps(CONVERT("string"), "{\"v\":1.50}", "{\"v\":\"1.50\"}");
    steps(CONVERT("string"), "{\"v\":true}", "{\"v\":\"true\"}");
    steps(CONVERT("string"), "{\"v\":\"a\\nb\"}", "{\"v\":\"a\\nb\"}");
    steps(CONVERT("integer"), "{\"v\":\"9007199254740993\"}", "{\"v\":9007199254740993}");
    steps(CONVERT("integer"), "{\"v\":3.0}", "{\"v\":3}");
    steps(CONVERT("integer"), "{\"v\":false}", "{\"v\":0}");
    steps(CONVERT("integer"), "{\"v\":\"3.5\"}",
          "-3 version 1 to 2, step 1 (convert /v): \"3.5\" cannot be an integer");
    steps(CONVERT("integer"), "{\"v\":\" 3\"}",
          "-3 version 1 to 2, step 1 (convert /v): \" 3\" cannot be an integer");
    steps(CONVERT("integer"), "{\"v\":1e300}",
          "-3 version 1 to 2, step 1 (convert /v): 1e300 cannot be an integer");
    steps(CONVERT("number"), "{\"v\":\"-1.5e3\"}", "{\"v\":-1.5e3}");
    steps(CONVERT("number"), "{\"v\":null}",
          "-3 version 1 to 2, step 1 (convert /v): null cannot be a number");
    steps(CONVERT("boolean"), "{\"v\":\"no\"}", "{\"v\":false}");
    steps(CONVERT("boolean"), "{\"v\":1}", "{\"v\":true}");
    steps(CONVERT("boolean"), "{\"v\":{}}",
          "-3 version 1 to 2, step 1 (convert /v): {} cannot be a boolean");
    steps(CONVERT("array"), "{\"v\":{\"x\":1}}", "{\"v\":[{\"x\":1}]}");
    steps(CONVERT("array"), "{\"v\":[1]}", "{\"v\":[1]}");
    steps("{\"convert\":{\"at\":\"/v/*/n\",\"to\":\"string\"}}", "{\"v\":{\"a\":{\"n\":1},\"b\":{}}}",
          "{\"v\":{\"a\":{\"n\":\"1\"},\"b\":{}}}");
}

static void texts_are_split_and_merged(void **state)
{
    (void)state;
    steps("{\"split\":{\"from\":\"/n\",\"by\":\" \",\"to\":[\"/first\",\"/last\"]}},"
          "{\"remove\":{\"at\":\"/n\"}}",
          "{\"n\":\"Ann \\u00e4 Lee\"}", "{\"first\":\"Ann\",\"last\":\"\xc3\xa4 Lee\"}");
    steps("{\"split\":{\"from\":\"/n\",\"by\":\", \",\"to\":[\"/a\",\"/b\"]}}", "{\"n\":\"x\"}",
          "{\"n\":\"x\",\"a\":\"x\",\"b\":\"\"}");
    steps("{\"merge\":{\"from\":[\"/a\",\"/b\",\"/c\"],\"by\":\"-\",\"to\":\"/d\"}}",
          "{\"a\":\"\\\"\",\"b\":7,\"c\":null}",
          "{\"a\":\"\\\"\",\"b\":7,\"c\":null,\"d\":\"\\\"-7\"}");
    steps("{\"merge\":{\"from\":[\"/a\",\"/b\"],\"by\":\"-\",\"to\":\"/d\"}}", "{\"a\":[]}",
          "-3 version 1 to 2, step 1 (merge /a): \"/a\" is no text");
    steps("{\"template\":{\"to\":\"/label\",\"text\":\"{{/n}} is {{/v/age}}{{/none}}!\"}}",
          "{\"n\":\"Ann\",\"v\":{\"age\":41}}",
          "{\"n\":\"Ann\",\"v\":{\"age\":41},\"label\":\"Ann is 41!\"}");
}

static void values_are_mapped(void **state)
{
    (void)state;
    const char *map = "{\"map\":{\"at\":\"/s\",\"values\":{\"on\":true,\"2\":{\"x\":1}}}}";
    steps(map, "{\"s\":\"on\"}", "{\"s\":true}");
    steps(map, "{\"s\":2}", "{\"s\":{\"x\":1}}");
    steps(map, "{\"s\":\"other\"}", "{\"s\":\"other\"}");
    steps("{\"map\":{\"at\":\"/l/*\",\"values\":{\"a\":1},\"otherwise\":null}}",
          "{\"l\":[\"a\",\"b\",[]]}", "{\"l\":[1,null,null]}");
}

static void faults_of_files_are_named(void **state)
{
    static const struct {
        const char *text, *message;
    } cases[] = {
        {"[]", "-3 a file of migrations is an object"},
        {"{\"migrations\":[]}", "-3 \"migrations\" must be an array of 1 to 256 migrations"},
        {"{\"migration\":[]}",
         "-3 \"migration\" is not known here; there are migrations schemas description "},
        {"{\"migrations\":[{\"from\":0,\"to\":2,\"steps\":[]}]}",
         "-3 migration 1: \"from\" must be a version, a number from 1"},
        {"{\"migrations\":[{\"from\":2,\"to\":2,\"steps\":[]}]}",
         "-3 migration 1: \"from\" and \"to\" are the same version"},
        {"{\"migrations\":[{\"from\":1,\"to\":2,\"steps\":[{\"renam\":{}}]}]}",
         "-3 migration 1: step 1: there is no step \"renam\"; did you mean \"rename\"?"},
        {"{\"migrations\":[{\"from\":1,\"to\":2,\"steps\":[{\"rename\":{\"from\":\"/a\"}}]}]}",
         "-3 migration 1: step 1: rename: must have from to [required]"},
        {"{\"migrations\":[{\"from\":1,\"to\":2,\"steps\":[{\"remove\":{\"at\":\"a\"}}]}]}",
         "-3 migration 1: step 1: remove: \"a\" is no place: it must begin with \"/\""},
        {"{\"migrations\":[{\"from\":1,\"to\":2,\"steps\":[{\"copy\":{\"from\":\"/*\",\"to\":\"/b\"}}]"
         "}]}",
         "-3 migration 1: step 1: copy: \"/*\": \"*\" is for steps that change a value where it is "
         "(\"at\")"},
        {"{\"migrations\":[{\"from\":1,\"to\":2,\"steps\":[{\"template\":{\"to\":\"/a\",\"text\":"
         "\"{{/b\"}}]}]}",
         "-3 migration 1: step 1: template: \"text\" has \"{{\" without \"}}\""},
        {"{\"migrations\":[{\"from\":1,\"to\":2,\"steps\":[],\"risk\":\"none\"}]}",
         "-3 migration 1: \"risk\" must be \"low\", \"medium\", \"high\" or \"critical\""},
        {"{\"migrations\":[{\"from\":1,\"to\":2,\"steps\":[]}],\"schemas\":{\"x\":{}}}",
         "-3 schemas: \"x\" is no version"},
    };
    (void)state;
    for (size_t i = 0; i < sizeof(cases) / sizeof(cases[0]); i++) {
        assert_null(compile(cases[i].text));
        assert_string_equal(told, cases[i].message);
    }
}

static const char *const graph =
    "{\"migrations\":["
    "{\"from\":1,\"to\":2,\"steps\":[{\"default\":{\"at\":\"/b\",\"value\":2}}]},"
    "{\"from\":2,\"to\":3,\"steps\":[{\"remove\":{\"at\":\"/a\"}}]},"
    "{\"from\":3,\"to\":4,\"steps\":[{\"rename\":{\"from\":\"/b\",\"to\":\"/c\"}}]},"
    "{\"from\":2,\"to\":4,\"steps\":[{\"convert\":{\"at\":\"/b\",\"to\":\"string\"}}]},"
    "{\"from\":4,\"to\":1,\"steps\":[],\"risk\":\"critical\"},"
    "{\"from\":1,\"to\":5,\"steps\":[],\"risk\":\"high\"},"
    "{\"from\":1,\"to\":5,\"steps\":[]}],"
    "\"schemas\":{\"4\":{\"required\":[\"a\"]}}}";

static void planned(const struct migration *m, uint32_t from, uint32_t to)
{
    struct migration_plan plan;
    struct error err;
    if (migration_plan(m, from, to, &plan, &err)) {
        snprintf(told, sizeof(told), "%d %s", err.code, err.text);
        return;
    }
    int at = snprintf(told, sizeof(told), "%s", migration_risk_name(plan.risk));
    for (uint32_t i = 0; i < plan.count; i++) {
        uint32_t a, b, n;
        enum migration_risk risk;
        migration_edge_facts(&plan, i, &a, &b, &n, &risk);
        at += snprintf(told + at, sizeof(told) - (size_t)at, " %u>%u(%u)", a, b, n);
    }
}

static void plans_are_short(void **state)
{
    (void)state;
    struct migration *m = compile(graph);
    assert_non_null(m);
    assert_int_equal(migration_latest(m), 5);
    assert_true(migration_has_schema(m, 4));
    assert_false(migration_has_schema(m, 5));
    planned(m, 1, 4);
    assert_string_equal(told, "medium 1>2(1) 2>4(1)");
    planned(m, 3, 2);
    assert_string_equal(told, "critical 3>4(1) 4>1(0) 1>2(1)");
    planned(m, 1, 5);
    assert_string_equal(told, "low 1>5(0)");
    planned(m, 2, 2);
    assert_string_equal(told, "low");
    planned(m, 5, 1);
    assert_string_equal(told, "-4 no migration leads from version 5 to 1");
    migration_free(m);
}

static void results_are_validated(void **state)
{
    (void)state;
    struct migration *m = compile(graph);
    struct migration_plan plan;
    assert_non_null(m);
    assert_int_equal(migration_plan(m, 1, 4, &plan, NULL), ST_OK);
    run(&plan, "{\"a\":1}", VALIDATE_STRICT);
    assert_string_equal(told, "{\"a\":1,\"b\":\"2\"}");
    run(&plan, "{}", VALIDATE_BASIC);
    assert_string_equal(told, "{\"b\":\"2\"}");
    run(&plan, "{}", VALIDATE_STRICT);
    assert_memory_equal(told, "-3 ", 3);
    assert_non_null(strstr(told, "missing required property \"a\""));
    assert_int_equal(migration_plan(m, 1, 5, &plan, NULL), ST_OK);
    run(&plan, "{}", VALIDATE_STRICT);
    assert_string_equal(told, "-3 there is no schema of version 5 in the file");
    migration_free(m);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(untouched_text_stays),
        cmocka_unit_test(values_are_moved),
        cmocka_unit_test(defaults_fill_what_is_missing),
        cmocka_unit_test(values_are_removed),
        cmocka_unit_test(values_are_converted),
        cmocka_unit_test(texts_are_split_and_merged),
        cmocka_unit_test(values_are_mapped),
        cmocka_unit_test(faults_of_files_are_named),
        cmocka_unit_test(plans_are_short),
        cmocka_unit_test(results_are_validated),
    };
    cmocka_set_message_output(CM_OUTPUT_TAP);
    return cmocka_run_group_tests(tests, NULL, NULL);
}
