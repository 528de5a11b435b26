/* What is a secret and what only looks like one. The keys here were made up. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>

#include <cmocka.h>

#include "core/redact/redact.h"

/* A digest that can be read: the length of the secret, then its first bytes. */
static int hmac(void *ctx, struct str key, struct str data, uint8_t out[SHA256_BYTES],
                struct error *err)
{
    (void)ctx;
    (void)err;
    assert_int_equal(key.len, 16);
    memset(out, 0, SHA256_BYTES);
    out[0] = (uint8_t)data.len;
    memcpy(out + 1, data.ptr, data.len < 3 ? data.len : 3);
    return ST_OK;
}

static const struct crypto_port crypto = {.hmac_sha256 = hmac};
static const struct redactor redactor = {&crypto, STR_INIT("0123456789abcdef")};

static void names_are_words(void **state)
{
    static const struct {
        const char *name;
        int is; /* 1: texts, 2: numbers too */
    } cases[] = {
        {"password", 2},      {"dbPassword", 2},    {"DB_PASSWORD", 2},  {"user-passwd", 2},
        {"apiKey", 2},        {"x-api-key", 2},     {"APIKEY", 2},       {"clientSecret", 2},
        {"private_key", 2},   {"token", 1},         {"accessToken", 1},  {"HFToken", 1},
        {"Authorization", 2}, {"auth", 1},          {"Set-Cookie", 1},   {"pin", 2},
        {"maxTokens", 0},     {"tokens", 0},        {"author", 0},       {"token_type", 0},
        {"passwordPolicy", 0}, {"keyboard", 0},     {"secret_name", 0},  {"spinner", 0},
        {"tokenCount", 0},    {"", 0},              {"__", 0},           {"accessKeyId", 0},
    };
    (void)state;
    for (size_t i = 0; i < sizeof(cases) / sizeof(cases[0]); i++) {
        bool token_like = false;
        int is = redact_name(str_from(cases[i].name), &token_like) ? token_like ? 1 : 2 : 0;
        if (is != cases[i].is)
            fail_msg("%s: %d", cases[i].name, is);
    }
}

static void text_is(const char *in, unsigned detectors, const char *expected)
{
    struct buffer out = BUFFER_INIT;
    redact_text(&(struct redactor){NULL, {NULL, 0}}, str_from(in), detectors, &out);
    buffer_add_char(&out, '\0');
    assert_string_equal(out.data, expected);
    buffer_clear(&out);
}

static void shapes_are_found(void **state)
{
    static const char *const secrets[] = {
        "sk-ant-api03-" "AAAAAAAAAAAAAAAAAAAAAA",
        "sk-proj-" "abcdefghijklmnopqrst",
        "AKIA" "ABCDEFGHIJKLMNOP",
        "ghp_" "abcdefghijklmnopqrstuvwxyz0123456789",
        "gho_" "abcdefghijklmnopqrstuvwxyz0123456789",
        "github_pat_" "11ABCDEFG0abcdefghijkl",
        "glpat-" "abcdefghijklmnopqrst",
        "xoxb-" "1234567890-abcdef",
        "AIza" "abcdefghijklmnopqrstuvwxyz012345678",
        "hf_" "abcdefghijklmnopqrstuvwxyzabcd",
        "sk_live_" "abcdefghijklmnop",
        "eyJhbGciOiJIUzI1NiJ9.eyJzdWIiOiIxMjM0NTYifQ.c2lnbmF0dXJlLXRleHQ",
        "-----BEGIN RSA PRIVATE KEY-----\nMIIE\n-----END RSA PRIVATE KEY-----",
    };
    (void)state;
    for (size_t i = 0; i < sizeof(secrets) / sizeof(secrets[0]); i++) {
        char in[200];
        snprintf(in, sizeof(in), "Use %s, please.", secrets[i]);
        text_is(in, REDACT_RECORD, "Use [REDACTED], please.");
        text_is(secrets[i], REDACT_RECORD, "[REDACTED]");
    }
    text_is("Authorization: Bearer abcdefgh12345678", REDACT_RECORD,
            "Authorization: Bearer [REDACTED]");
    text_is("postgres://app:hunter2@db.example.org/x", REDACT_RECORD,
            "postgres://app:[REDACTED]@db.example.org/x");
    text_is("run --password=letmein --dry", REDACT_RECORD, "run --password=[REDACTED] --dry");
    text_is("API_KEY='abc123def' sh", REDACT_RECORD, "API_KEY='[REDACTED]' sh");
    text_is("{\"token\": \"q1w2e3r4\"}", REDACT_RECORD, "{\"token\": \"[REDACTED]\"}");
    text_is("a sk-" "abcdefghijklmnopqrst b AKIA" "ABCDEFGHIJKLMNOP", REDACT_RECORD,
            "a [REDACTED] b [REDACTED]");
}

static void harmless_texts_stay(void **state)
{
    static const char *const texts[] = {
        "The password: see below",
        "tokens: 12345678",
        "task-sk-abc",
        "sk-short",
        "AKIAABCDEFGHIJKLMNOPQ",
        "https://example.org:8080/a@b",
        "Bearer {{secret:GITHUB}}",
        "password=${DB_PASSWORD}",
        "password={{secret:db}}",
        "0190b0c4-7e5f-7abc-8def-0123456789ab",
        "e3b0c44298fc1c149afbf4c8996fb92427ae41e4649b934ca495991b7852b855",
        "getElementByIdAndThenSetValue2Of3Things",
        "/usr/lib/x86_64-linux-gnu/libsodium.so.23.3.0",
        "2026-11-21T20:23:02.123Z",
        "",
    };
    (void)state;
    for (size_t i = 0; i < sizeof(texts) / sizeof(texts[0]); i++)
        text_is(texts[i], REDACT_LOG, texts[i]);
}

static void random_words_are_found_on_demand(void **state)
{
    (void)state;
    text_is("key qT7xZ0pLw9VbN3mKc5RfY8sD2hJ end", REDACT_LOG, "key [REDACTED] end");
    text_is("key qT7xZ0pLw9VbN3mKc5RfY8sD2hJ end", REDACT_RECORD,
            "key qT7xZ0pLw9VbN3mKc5RfY8sD2hJ end");
}

static void document_is(const char *in, const char *expected, const char *pointer, size_t count)
{
    struct json_doc *doc;
    struct buffer out = BUFFER_INIT;
    struct redact_report report = REDACT_REPORT_INIT, look = REDACT_REPORT_INIT;
    assert_int_equal(json_parse(str_from(in), &doc, NULL), ST_OK);
    redact_json(&redactor, json_root(doc), REDACT_STATE, &out, &report);
    buffer_add_char(&out, '\0');
    assert_string_equal(out.data, expected);
    assert_int_equal(report.count, count);
    assert_int_equal(redact_check(json_root(doc), REDACT_STATE, &look), count > 0);
    assert_int_equal(look.count, count > 0);
    assert_true(str_eq(buffer_str(&report.pointer), str_from(pointer)));
    assert_true(str_eq(buffer_str(&look.pointer), str_from(pointer)));
    buffer_clear(&out);
    buffer_clear(&report.pointer);
    buffer_clear(&look.pointer);
    json_free(doc);
}

static void documents_keep_their_text(void **state)
{
    (void)state;
    document_is("{\"a\":1.0,\"b\":[\"x\\u0041\",null,true]}",
            "{\"a\":1.0,\"b\":[\"x\\u0041\",null,true]}", "", 0);
    document_is("{\"user\":{\"password\":\"hunter2\",\"n\":9007199254740993}}",
            "{\"user\":{\"password\":\"[REDACTED:0768756e]\",\"n\":9007199254740993}}",
            "/user/password", 1);
    document_is("{\"pin\":1234,\"token\":5,\"password\":null}",
            "{\"pin\":\"[REDACTED:04313233]\",\"token\":5,\"password\":null}", "/pin", 1);
    document_is("{\"credentials\":{\"user\":\"bob\",\"list\":[\"x\",\"\"]}}",
            "{\"credentials\":{\"user\":\"[REDACTED:03626f62]\",\"list\":[\"[REDACTED:01780000]\","
            "\"\"]}}",
            "/credentials/user", 2);
    document_is("[{\"a/b~c\":\"AKIA" "ABCDEFGHIJKLMNOP\"}]", "[{\"a/b~c\":\"[REDACTED:14414b49]\"}]",
            "/0/a~1b~0c", 1);
    document_is("{\"AKIA" "ABCDEFGHIJKLMNOP\":1}", "{\"[REDACTED:14414b49]\":1}",
            "/AKIA" "ABCDEFGHIJKLMNOP", 1);
    document_is("{\"apiKey\":\"{{secret:X}}\",\"password\":\"[REDACTED:00000000]\"}",
            "{\"apiKey\":\"{{secret:X}}\",\"password\":\"[REDACTED:00000000]\"}", "", 0);
    document_is("\"-----BEGIN PRIVATE KEY-----\\nMIIE\"", "\"[REDACTED:202d2d2d]\"", "", 1);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(names_are_words),
        cmocka_unit_test(shapes_are_found),
        cmocka_unit_test(harmless_texts_stay),
        cmocka_unit_test(random_words_are_found_on_demand),
        cmocka_unit_test(documents_keep_their_text),
    };
    cmocka_set_message_output(CM_OUTPUT_TAP);
    return cmocka_run_group_tests(tests, NULL, NULL);
}
