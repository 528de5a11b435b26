#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#include "core/search/bm25.h"
#include "core/search/words.h"

/* The words of `text`, with blanks between them. */
static void split(const char *text, const char *want)
{
    struct words words = {str_from(text)};
    struct word word;
    char got[400] = "";
    while (words_next(&words, &word))
        snprintf(got + strlen(got), sizeof(got) - strlen(got), "%s%.*s", got[0] ? " " : "",
                 (int)word.len, word.text);
    assert_string_equal(got, want);
}

static void test_words(void **state)
{
    (void)state;
    split("", "");
    split(" ,.-_", "");
    split("file-search read_only filePath JSON", "fil search read only fil path json");
    split("sha256 base64 HTTPServer", "sha256 base64 httpserver");
    split("files images libraries boxes class status this", "fil imag library box class status this");
    split("resize resizing resized resizes", "resiz resiz resiz resiz");
    split("run running mapped mapping ring bed passing", "run run map map ring bed pass");
    split("Gr\xc3\xb6\xc3\x9f" "e \xe6\x97\xa5\xe6\x9c\xac", "gr\xc3\xb6\xc3\x9f \xe6\x97\xa5\xe6\x9c\xac");
    split("abcdefghijabcdefghijabcdefghijabcdefghijkl x",
          "abcdefghijabcdefghijabcdefghijabcdefghij x");
}

static struct bm25 *index_of(const char *const *texts, size_t count)
{
    struct bm25 *index = bm25_new();
    assert_non_null(index);
    for (size_t i = 0; i < count; i++) {
        bm25_document(index);
        bm25_add(index, str_from(texts[i]), 1);
    }
    assert_false(bm25_failed(index));
    return index;
}

/* The documents that are found, in their order. */
static void finds(const struct bm25 *index, const char *query, const char *want)
{
    struct bm25_hit hits[16];
    struct error err;
    size_t count;
    char got[200] = "";
    assert_int_equal(bm25_search(index, str_from(query), hits, &count, &err), ST_OK);
    for (size_t i = 0; i < count; i++)
        snprintf(got + strlen(got), sizeof(got) - strlen(got), "%s%u", i ? " " : "",
                 hits[i].document);
    assert_string_equal(got, want);
}

static void test_rank(void **state)
{
    static const char *const texts[] = {
        "compress files into an archive",
        "resize an image",
        "convert an image to another image format",
        "search files",
        "",
    };
    (void)state;
    struct bm25 *index = index_of(texts, 5);
    finds(index, "image", "2 1"); /* twice, though longer */
    finds(index, "resizing images", "1 2");
    finds(index, "files", "3 0"); /* the shorter one */
    finds(index, "archive", "0");
    finds(index, "arch", "0"); /* a beginning */
    finds(index, "ar", "");
    finds(index, "weather", "");
    finds(index, "", "");
    finds(index, "an", "1 0 2");
    bm25_free(index);
}

static void test_scores_are_those_of_the_formula(void **state)
{
    static const char *const texts[] = {"a b", "a a c d"};
    (void)state;
    struct bm25 *index = index_of(texts, 2);
    struct bm25_hit hits[2];
    struct error err;
    size_t count;
    assert_int_equal(bm25_search(index, STR("b"), hits, &count, &err), ST_OK);
    assert_int_equal(count, 1);
    /* idf = ln(1 + 1.5 / 1.5), tf part = 2.2 / (1 + 1.2 * (0.25 + 0.75 * 2 / 3)) */
    assert_float_equal((float)hits[0].score, 0.802592f, 0.0001f);
    assert_int_equal(bm25_search(index, STR("a"), hits, &count, &err), ST_OK);
    assert_int_equal(count, 2);
    /* idf = ln(1 + 0.5 / 2.5); of the second 2 * 2.2 / (2 + 1.2 * (0.25 + 0.75 * 4 / 3)) */
    assert_int_equal(hits[0].document, 1);
    assert_float_equal((float)hits[0].score, 0.229205f, 0.0001f);
    assert_float_equal((float)hits[1].score, 0.211110f, 0.0001f);
    bm25_free(index);
}

static void test_weights_count(void **state)
{
    (void)state;
    struct bm25 *index = bm25_new();
    bm25_document(index);
    bm25_add(index, STR("hash"), 1);
    bm25_add(index, STR("other"), 5);
    bm25_document(index);
    bm25_add(index, STR("hash"), 5);
    bm25_add(index, STR("other"), 1);
    finds(index, "hash", "1 0");
    finds(index, "other", "0 1");
    bm25_free(index);
    bm25_free(NULL);
}

static void test_equals_keep_their_order(void **state)
{
    static const char *const texts[] = {"x one", "x two", "x six", "y"};
    (void)state;
    struct bm25 *index = index_of(texts, 4);
    finds(index, "x", "0 1 2");
    struct bm25 *none = bm25_new();
    finds(none, "x", "");
    bm25_free(none);
    bm25_free(index);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_words),
        cmocka_unit_test(test_rank),
        cmocka_unit_test(test_scores_are_those_of_the_formula),
        cmocka_unit_test(test_weights_count),
        cmocka_unit_test(test_equals_keep_their_order),
    };
    cmocka_set_message_output(CM_OUTPUT_TAP);
    return cmocka_run_group_tests(tests, NULL, NULL);
}
