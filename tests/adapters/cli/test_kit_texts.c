/* Lines of the prompt, placeholders of templates, and the digest in a manifest: texts in, texts out. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include "adapters/driving/cli/plugin/dev/words.h"
#include "adapters/driving/cli/plugin/manifest_edit.h"
#include "adapters/driving/cli/plugin/template.h"

static void assert_words(const char *line, const char *const *expected)
{
    struct words words;
    struct error err;
    int n = 0;
    assert_int_equal(words_split(line, &words, &err), ST_OK);
    for (; expected[n]; n++) {
        assert_true(n < words.count);
        assert_string_equal(words.list[n], expected[n]);
    }
    assert_int_equal(words.count, n);
    words_clear(&words);
}

#define WORDS(...) ((const char *const[]){__VA_ARGS__, NULL})

static void test_words(void **state)
{
    (void)state;
    assert_words("", WORDS(NULL));
    assert_words(" \t ", WORDS(NULL));
    assert_words("a b  c", WORDS("a", "b", "c"));
    assert_words("text=\"one two\"", WORDS("text=one two"));
    assert_words("'a b'c d", WORDS("a bc", "d"));
    assert_words("\"\" ''", WORDS("", ""));
    assert_words("a\\ b \"c\\\"d\" 'e\\f'", WORDS("a b", "c\"d", "e\\f"));
    assert_words("a\\", WORDS("a\\"));
}

static void test_words_remember_the_line(void **state)
{
    const char *line = "call tool {\"a\": \"b c\"}";
    struct words words;
    (void)state;
    assert_int_equal(words_split(line, &words, NULL), ST_OK);
    assert_string_equal(words.rest[2], "{\"a\": \"b c\"}");
    words_clear(&words);
}

static void test_words_refused(void **state)
{
    char many[2 * WORDS_MAX + 4] = "";
    struct words words;
    struct error err;
    (void)state;
    assert_int_equal(words_split("a 'b", &words, &err), ST_INVALID);
    assert_string_equal(err.text, "a quote is not closed");
    for (size_t i = 0; i + 1 < sizeof(many); i++)
        many[i] = i % 2 ? ' ' : 'x';
    assert_int_equal(words_split(many, &words, &err), ST_INVALID);
    assert_string_equal(err.text, "there are more than 64 words");
}

static void assert_filled(const char *text, const char *expected)
{
    const struct template_value values[] = {{"name", "N"}, {"id", "a.b"}, {NULL, NULL}};
    struct buffer out = BUFFER_INIT;
    struct error err;
    assert_int_equal(template_fill(str_from(text), values, &out, &err), ST_OK);
    buffer_add_char(&out, '\0');
    assert_string_equal(out.data, expected);
    buffer_clear(&out);
}

static void test_template(void **state)
{
    (void)state;
    assert_filled("", "");
    assert_filled("no braces", "no braces");
    assert_filled("{{name}}", "N");
    assert_filled("{{name}}{{id}} {{name}}", "Na.b N");
    assert_filled("${{ vars.X }} ${{name}} {{{name}}}", "${{ vars.X }} ${{name}} {N}");
    assert_filled("{{}} {{ name }} {{name} {{name", "{{}} {{ name }} {{name} {{name");
    assert_filled("format!(\"{{\\\"a\\\":{}}}\")", "format!(\"{{\\\"a\\\":{}}}\")");
}

static void test_template_unknown(void **state)
{
    const struct template_value values[] = {{NULL, NULL}};
    struct buffer out = BUFFER_INIT;
    struct error err;
    (void)state;
    assert_int_equal(template_fill(STR("a {{nmae}}"), values, &out, &err), ST_INVALID);
    assert_string_equal(err.text, "the placeholder {{nmae}} is not known");
    buffer_clear(&out);
}

static void assert_digest(const char *manifest, const char *expected)
{
    struct buffer out = BUFFER_INIT;
    struct error err;
    assert_int_equal(manifest_set_digest(str_from(manifest), "sha256:d", &out, &err), ST_OK);
    buffer_add_char(&out, '\0');
    assert_string_equal(out.data, expected);
    buffer_clear(&out);
}

static void test_digest(void **state)
{
    (void)state;
    assert_digest("{\"a\":1}", "{\"a\":1,\"digest\": \"sha256:d\"}");
    assert_digest("{\n  \"a\": 1,\n  \"b\": [2]\n}\n",
                  "{\n  \"a\": 1,\n  \"b\": [2],\n  \"digest\": \"sha256:d\"\n}\n");
    assert_digest("{\"digest\": \"old\", \"a\": 1}", "{\"digest\": \"sha256:d\", \"a\": 1}");
}

static void test_digest_refused(void **state)
{
    struct buffer out = BUFFER_INIT;
    struct error err;
    (void)state;
    assert_int_equal(manifest_set_digest(STR("[1]"), "d", &out, &err), ST_INVALID);
    assert_string_equal(err.text, "plugin.json: is no object with members");
    assert_int_equal(manifest_set_digest(STR("{}"), "d", &out, &err), ST_INVALID);
    assert_string_equal(err.text, "plugin.json: is no object with members");
    assert_int_equal(manifest_set_digest(STR("{"), "d", &out, &err), ST_INVALID);
    assert_string_equal(err.text, "plugin.json: expected a key in quotes at byte 1");
    buffer_clear(&out);
}

static void test_id(void **state)
{
    char id[128];
    (void)state;
    manifest_id(STR("{\"id\":\"org.example.x\"}"), id);
    assert_string_equal(id, "org.example.x");
    manifest_id(STR("{\"id\":\"../x\"}"), id);
    assert_string_equal(id, "");
    manifest_id(STR("no JSON"), id);
    assert_string_equal(id, "");
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_words),           cmocka_unit_test(test_words_remember_the_line),
        cmocka_unit_test(test_words_refused),   cmocka_unit_test(test_template),
        cmocka_unit_test(test_template_unknown), cmocka_unit_test(test_digest),
        cmocka_unit_test(test_digest_refused),  cmocka_unit_test(test_id),
    };
    cmocka_set_message_output(CM_OUTPUT_TAP);
    return cmocka_run_group_tests(tests, NULL, NULL);
}
