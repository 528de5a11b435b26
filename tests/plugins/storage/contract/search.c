#include "contract.h"

#include <stdlib.h>

/* The ids of the hits, in their order. */
static const char *ids(const char *answer)
{
    hexmcp_str hits, hit, id = {0};
    hexmcp_json_iter it;
    const char *text = "";
    char name[600];
    if (hexmcp_json_get(str(answer), "hits", &hits) != HEXMCP_OK)
        return "no hits";
    it = hexmcp_json_iter_begin(hits);
    while (hexmcp_json_next(&it, NULL, &hit)) {
        hexmcp_str score = {0};
        double value = -1;
        assert_int_equal(hexmcp_json_get(hit, "id", &id), HEXMCP_OK);
        assert_int_equal(hexmcp_json_string(id, name, sizeof(name), NULL), HEXMCP_OK);
        assert_int_equal(hexmcp_json_get(hit, "score", &score), HEXMCP_OK);
        assert_int_equal(hexmcp_json_double(score, &value), HEXMCP_OK);
        assert_true(value >= 0 && value <= 1);
        text = textf("%s%s%s", text, *text ? " " : "", name);
    }
    return text;
}

#define assert_found(s, space, query, expected)                    \
    do {                                                           \
        struct got got_ = ask(s, OP_QUERY, space, query, NULL);    \
        assert_int_equal(got_.code, HEXMCP_OK);                    \
        assert_string_equal(ids(got_.text), expected);             \
        got_free(&got_);                                           \
    } while (0)

static const char *documents(struct store *s, const char *name)
{
    const char *space = fresh(name);
    assert_answer(
        s, OP_INDEX, space,
        "{\"documents\":["
        "{\"id\":\"1\",\"text\":\"The quick brown fox jumps over the lazy dog\",\"fields\":{\"kind\":"
        "\"fox\",\"n\":1,\"tags\":[\"red\",\"fast\"],\"open\":true}},"
        "{\"id\":\"2\",\"text\":\"A fox, a FOX and another fox\",\"fields\":{\"kind\":\"fox\",\"n\":2,"
        "\"tags\":[\"red\"],\"open\":false}},"
        "{\"id\":\"3\",\"text\":\"Dogs and cats; \xC3\x9C" "ber die Stra\xC3\x9F" "e\",\"fields\":{\"kind\":"
        "\"pets\",\"n\":3.5}},"
        "{\"id\":\"4\",\"fields\":{\"kind\":\"empty\",\"n\":10}}]}",
        NULL, "{\"indexed\":4}");
    return space;
}

static void documents_are_found_by_words(void **state)
{
    struct store *s = *state;
    const char *space = documents(s, "words");
    assert_found(s, space, "{\"text\":\"lazy\",\"limit\":9}", "1");
    assert_found(s, space, "{\"text\":\"LAZY dog\",\"limit\":9}", "1");
    assert_found(s, space, "{\"text\":\"\xC3\xBC" "ber\",\"limit\":9}", "3");
    assert_found(s, space, "{\"text\":\"elephant\",\"limit\":9}", "");
    assert_found(s, space, "{\"text\":\"\\\"' OR * NEAR( ; -- :& |!\",\"limit\":9}", "");
    assert_found(s, textf("%s2", space), "{\"text\":\"fox\",\"limit\":9}", "");
}

static void the_best_comes_first(void **state)
{
    struct store *s = *state;
    const char *space = documents(s, "rank");
    struct got got;
    assert_found(s, space, "{\"text\":\"fox\",\"limit\":9}", "2 1");
    assert_found(s, space, "{\"text\":\"fox\",\"limit\":1}", "2");
    assert_found(s, space, "{\"text\":\"fox\",\"limit\":1,\"offset\":1}", "1");
    assert_found(s, space, "{\"text\":\"fox\",\"limit\":1,\"offset\":2}", "");
    got = ask(s, OP_QUERY, space, "{\"text\":\"fox\",\"limit\":1}", NULL);
    if (strstr(got.text, "total"))
        assert_int_equal(member(got.text, "total"), 2);
    got_free(&got);
}

static void documents_are_filtered(void **state)
{
    struct store *s = *state;
    const char *space = documents(s, "filter");
    assert_found(s, space, "{\"text\":\"fox\",\"filter\":{\"n\":1},\"limit\":9}", "1");
    assert_found(s, space, "{\"text\":\"fox\",\"filter\":{\"tags\":\"fast\"},\"limit\":9}", "1");
    assert_found(s, space, "{\"text\":\"fox\",\"filter\":{\"open\":false},\"limit\":9}", "2");
    assert_found(s, space, "{\"filter\":{\"kind\":\"pets\"},\"limit\":9}", "3");
    assert_found(s, space, "{\"filter\":{\"kind\":[\"pets\",\"empty\"],\"n\":{\"from\":4}},\"limit\":9}",
                 "4");
    assert_found(s, space, "{\"filter\":{\"n\":{\"from\":3,\"to\":4}},\"limit\":9}", "3");
    assert_found(s, space, "{\"filter\":{\"kind\":{\"from\":\"p\"}},\"limit\":9}", "3");
    assert_found(s, space, "{\"filter\":{\"none\":1},\"limit\":9}", "");
    assert_found(s, space, "{\"text\":\"fox\",\"filter\":{\"kind\":\"pets\"},\"limit\":9}", "");
}

static void fields_and_highlights_are_told(void **state)
{
    struct store *s = *state;
    const char *space = documents(s, "told");
    struct got got = ask(s, OP_QUERY, space,
                         "{\"text\":\"lazy\",\"fields\":[\"n\",\"tags\",\"none\"],\"highlight\":true,"
                         "\"limit\":9}",
                         NULL);
    hexmcp_str hits = {0}, hit = {0}, value = {0};
    hexmcp_json_iter it;
    assert_int_equal(got.code, HEXMCP_OK);
    assert_int_equal(hexmcp_json_get(str(got.text), "hits", &hits), HEXMCP_OK);
    it = hexmcp_json_iter_begin(hits);
    assert_true(hexmcp_json_next(&it, NULL, &hit));
    assert_int_equal(hexmcp_json_get(hit, "fields", &value), HEXMCP_OK);
    assert_same(textf("%.*s", (int)value.len, value.ptr), "{\"n\":1,\"tags\":[\"red\",\"fast\"]}");
    assert_int_equal(hexmcp_json_get(hit, "highlights", &value), HEXMCP_OK);
    assert_non_null(strstr(textf("%.*s", (int)value.len, value.ptr), "lazy"));
    got_free(&got);
}

static void a_document_takes_the_place_of_another(void **state)
{
    struct store *s = *state;
    const char *space = documents(s, "replace");
    assert_answer(s, OP_INDEX, space,
                  "{\"documents\":[{\"id\":\"1\",\"text\":\"nothing but elephants\"}]}", NULL,
                  "{\"indexed\":1}");
    assert_found(s, space, "{\"text\":\"lazy\",\"limit\":9}", "");
    assert_found(s, space, "{\"text\":\"elephants\",\"limit\":9}", "1");
    assert_found(s, space, "{\"text\":\"fox\",\"limit\":9}", "2");
}

static void documents_are_removed(void **state)
{
    struct store *s = *state;
    const char *space = documents(s, "remove"), *other = documents(s, "stays");
    assert_answer(s, OP_UNINDEX, space, "{\"ids\":[\"1\",\"none\"]}", NULL, "{\"removed\":1}");
    assert_found(s, space, "{\"text\":\"fox\",\"limit\":9}", "2");
    assert_answer(s, OP_UNINDEX, space, "{\"all\":true}", NULL, "{\"removed\":3}");
    assert_found(s, space, "{\"limit\":9}", "");
    assert_found(s, other, "{\"text\":\"fox\",\"limit\":9}", "2 1");
}

static void many_documents(void **state)
{
    struct store *s = *state;
    const char *space = fresh("many"), *list = "";
    struct got got;
    for (int i = 0; i < 300; i++)
        list = textf("%s%s{\"id\":\"d%03d\",\"text\":\"common word%d number %d\"}", list, i ? "," : "",
                     i, i, i % 10);
    assert_answer(s, OP_INDEX, space, textf("{\"documents\":[%s]}", list), NULL, "{\"indexed\":300}");
    assert_found(s, space, "{\"text\":\"word77\",\"limit\":9}", "d077");
    got = ask(s, OP_QUERY, space, "{\"text\":\"common\",\"limit\":1000}", NULL);
    assert_int_equal(strlen(ids(got.text)), 300 * 5 - 1);
    got_free(&got);
    assert_answer(s, OP_UNINDEX, space, "{\"all\":true}", NULL, "{\"removed\":300}");
}

static void vectors_are_found_or_refused(void **state)
{
    struct store *s = *state;
    struct got got = ask(s, OP_QUERY, fresh("vector"), "{\"vector\":[1,0],\"limit\":9}", NULL);
    if (got.code != HEXMCP_OK) {
        assert_int_equal(got.code, HEXMCP_E_UNSUPPORTED);
        assert_true(strlen(got.text) > 0);
    } else {
        assert_string_equal(ids(got.text), "");
    }
    got_free(&got);
}

#define CASE(f) cmocka_unit_test_setup_teardown(f, open_store, close_store)

int run_search(void)
{
    const struct CMUnitTest tests[] = {
        CASE(documents_are_found_by_words),
        CASE(the_best_comes_first),
        CASE(documents_are_filtered),
        CASE(fields_and_highlights_are_told),
        CASE(a_document_takes_the_place_of_another),
        CASE(documents_are_removed),
        CASE(many_documents),
        CASE(vectors_are_found_or_refused),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
