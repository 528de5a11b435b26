/* Sealed tokens with real digests; keys, time and randomness are in the hands of the test. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdlib.h>

#include <cmocka.h>

#include "adapters/driven/crypto/crypto.h"
#include "core/base/base64url.h"
#include "core/seal/seal.h"

#define TTL 60000u
#define NOT_OURS "was not made by this server for this request, or was changed"

static struct crypto_module *module;
static int64_t now;
static uint64_t counter;
static uint32_t current_id, lowest_id;
static struct sealer *sealer;

static int fill(void *ctx, void *out, size_t len, struct error *err)
{
    (void)ctx;
    (void)err;
    memset(out, 0, len);
    counter++;
    memcpy(out, &counter, len < sizeof(counter) ? len : sizeof(counter));
    return ST_OK;
}

static int64_t wall_ms(void *ctx)
{
    (void)ctx;
    return now;
}

static bool find(void *ctx, uint32_t id, struct seal_key *out)
{
    (void)ctx;
    if (id < lowest_id || id > current_id)
        return false;
    out->id = id;
    memset(out->bytes, (int)id, sizeof(out->bytes));
    return true;
}

static int current(void *ctx, struct seal_key *out, struct error *err)
{
    (void)err;
    find(ctx, current_id, out);
    return ST_OK;
}

static const struct random_port random_source = {.fill = fill};
static const struct clock_port clock_source = {.wall_ms = wall_ms};
static const struct seal_keys_port keys = {NULL, current, find};

static const struct seal_binding binding = {
    STR_INIT("request-state"), STR_INIT("alice"), STR_INIT("local"), STR_INIT("tools/call"),
    STR_INIT("deploy"), STR_INIT("{\"to\":\"here\"}")};

static int set_up(void **state)
{
    (void)state;
    now = 1700000000000;
    counter = 0;
    current_id = lowest_id = 7;
    const struct sealer_parts parts = {crypto_module_port(module), &random_source, &clock_source,
                                       &keys};
    sealer = sealer_new(&parts);
    return sealer ? 0 : -1;
}

static int tear_down(void **state)
{
    (void)state;
    sealer_free(sealer);
    return 0;
}

static struct buffer make(struct str payload)
{
    struct buffer token = BUFFER_INIT;
    struct error err;
    assert_int_equal(sealer_close(sealer, &binding, TTL, payload, &token, &err), ST_OK);
    return token;
}

static void assert_refused(const struct seal_binding *b, struct str token, int code,
                           const char *text)
{
    struct buffer payload = BUFFER_INIT;
    struct error err = {0};
    assert_int_equal(sealer_open(sealer, b, token, &payload, NULL, &err), code);
    assert_int_equal(err.code, code);
    assert_string_equal(err.text, text);
    assert_int_equal(payload.len, 0);
    buffer_clear(&payload);
}

static void assert_opens(struct str token, struct str wanted)
{
    struct buffer payload = BUFFER_INIT;
    struct error err;
    assert_int_equal(sealer_open(sealer, &binding, token, &payload, NULL, &err), ST_OK);
    assert_true(str_eq(buffer_str(&payload), wanted));
    buffer_clear(&payload);
}

static void test_roundtrip(void **state)
{
    (void)state;
    static char large[SEAL_PAYLOAD_MAX];
    memset(large, 'x', sizeof(large));
    const struct str payloads[] = {
        STR(""), STR("a"), STR("ab"), STR("{\"step\":2}"), STR("\0\xff\0"), {large, sizeof(large)}};
    for (size_t i = 0; i < sizeof(payloads) / sizeof(payloads[0]); i++) {
        struct buffer token = make(payloads[i]);
        assert_opens(buffer_str(&token), payloads[i]);
        buffer_clear(&token);
    }
}

/* Another implementation of the format would have to give the same bytes. */
static void test_layout(void **state)
{
    (void)state;
    struct buffer token = make(STR("hi")), body = BUFFER_INIT;
    struct str text = {token.data, token.len - 44};
    assert_int_equal(token.data[token.len - 44], '.');
    assert_true(base64url_decode(text, &body));
    static const char wanted[] = "\1\0\0\0\7"
                                 "\0\0\1\x8b\xcf\xe6\x52\x60"
                                 "\1\0\0\0\0\0\0\0\0\0\0\0\0\0\0\0hi";
    assert_int_equal(body.len, sizeof(wanted) - 1);
    assert_memory_equal(body.data, wanted, sizeof(wanted) - 1);
    buffer_clear(&token);
    buffer_clear(&body);
}

static void test_tokens_differ(void **state)
{
    (void)state;
    struct buffer a = make(STR("same")), b = make(STR("same"));
    assert_false(str_eq(buffer_str(&a), buffer_str(&b)));
    buffer_clear(&a);
    buffer_clear(&b);
}

static void test_changed_bytes(void **state)
{
    (void)state;
    struct buffer token = make(STR("{\"step\":2}"));
    for (size_t i = 0; i < token.len; i++)
        for (int change = 1; change < 256; change++) {
            token.data[i] = (char)(token.data[i] ^ change);
            assert_refused(&binding, buffer_str(&token), ST_DENIED, NOT_OURS);
            token.data[i] = (char)(token.data[i] ^ change);
        }
    assert_opens(buffer_str(&token), STR("{\"step\":2}"));
    buffer_clear(&token);
}

static void test_cut_and_appended(void **state)
{
    (void)state;
    struct buffer token = make(STR("x"));
    for (size_t len = 0; len < token.len; len++)
        assert_refused(&binding, (struct str){token.data, len}, ST_DENIED, NOT_OURS);
    for (int c = 0; c < 256; c++) {
        buffer_add_char(&token, (char)c);
        assert_refused(&binding, buffer_str(&token), ST_DENIED, NOT_OURS);
        token.len--;
    }
    buffer_add_str(&token, STR("===="));
    assert_refused(&binding, buffer_str(&token), ST_DENIED, NOT_OURS);
    buffer_clear(&token);
}

static void test_binding(void **state)
{
    (void)state;
    struct buffer token = make(STR("x"));
    for (size_t i = 0; i < 6; i++) {
        struct str fields[6] = {binding.purpose, binding.caller, binding.tenant,
                                binding.method,  binding.target, binding.arguments};
        fields[i] = STR("other");
        struct seal_binding b = {fields[0], fields[1], fields[2], fields[3], fields[4], fields[5]};
        assert_refused(&b, buffer_str(&token), ST_DENIED, NOT_OURS);
        fields[i] = STR("");
        b = (struct seal_binding){fields[0], fields[1], fields[2], fields[3], fields[4], fields[5]};
        assert_refused(&b, buffer_str(&token), ST_DENIED, NOT_OURS);
    }
    assert_opens(buffer_str(&token), STR("x"));
    buffer_clear(&token);
}

/* The same bytes, cut into fields in another place. */
static void test_fields_do_not_run_together(void **state)
{
    (void)state;
    struct buffer token = make(STR("x"));
    struct seal_binding b = binding;
    b.caller = STR("alicel");
    b.tenant = STR("ocal");
    assert_refused(&b, buffer_str(&token), ST_DENIED, NOT_OURS);
    buffer_clear(&token);
}

static void test_expired(void **state)
{
    (void)state;
    struct buffer token = make(STR("x"));
    now += TTL - 1;
    assert_opens(buffer_str(&token), STR("x"));
    now++;
    assert_refused(&binding, buffer_str(&token), ST_DENIED, "has expired; begin again");
    struct seal_binding b = binding;
    b.caller = STR("bob");
    assert_refused(&b, buffer_str(&token), ST_DENIED, NOT_OURS);
    buffer_clear(&token);
}

static void test_rotation(void **state)
{
    (void)state;
    struct buffer token = make(STR("x"));
    current_id = 8;
    assert_opens(buffer_str(&token), STR("x"));
    lowest_id = 8;
    assert_refused(&binding, buffer_str(&token), ST_DENIED, NOT_OURS);
    buffer_clear(&token);
}

static void test_limits(void **state)
{
    (void)state;
    static char large[SEAL_PAYLOAD_MAX + 1];
    struct buffer out = BUFFER_INIT;
    struct error err;
    assert_int_equal(sealer_close(sealer, &binding, TTL, (struct str){large, sizeof(large)}, &out,
                                  &err),
                     ST_TOO_LARGE);
    assert_string_equal(err.text, "65537 bytes are too many to seal: at most 65536; keep a "
                                  "reference instead");
    const uint64_t wrong[] = {0, SEAL_TTL_MAX_MS + 1};
    for (size_t i = 0; i < 2; i++) {
        int rc = sealer_close(sealer, &binding, wrong[i], STR("x"), &out, &err);
        assert_int_equal(rc, ST_INVALID);
        assert_string_equal(err.text, "a sealed token lives from 1 ms to 24 hours");
    }
    assert_int_equal(out.len, 0);
    buffer_clear(&out);
}

static void test_used_once(void **state)
{
    (void)state;
    struct buffer token = make(STR("x")), payload = BUFFER_INIT;
    struct seal_nonce nonce;
    struct error err;
    assert_int_equal(sealer_open(sealer, &binding, buffer_str(&token), &payload, &nonce, &err), 0);
    assert_int_equal(nonce.expiry_ms, now + TTL);
    assert_int_equal(sealer_use(sealer, &nonce, &err), ST_OK);
    assert_int_equal(sealer_use(sealer, &nonce, &err), ST_DENIED);
    assert_string_equal(err.text, "was used already; begin again");
    now += TTL;
    assert_int_equal(sealer_use(sealer, &nonce, &err), ST_DENIED);
    assert_string_equal(err.text, "has expired; begin again");
    buffer_clear(&token);
    buffer_clear(&payload);
}

/* Nonces of which four each fall on one place of the table, with expiries in disorder. */
static struct seal_nonce nth(uint32_t n)
{
    struct seal_nonce nonce = {{0}, now + 1000 + n * 7919u % SEAL_USED_MAX};
    uint32_t slot = 2 * (n - n % 4);
    memcpy(nonce.bytes, &slot, sizeof(slot));
    memcpy(nonce.bytes + 8, &n, sizeof(n));
    return nonce;
}

static void test_used_is_bounded(void **state)
{
    (void)state;
    int64_t start = now;
    struct error err;
    for (uint32_t i = 0; i < SEAL_USED_MAX; i++) {
        struct seal_nonce nonce = nth(i);
        assert_int_equal(sealer_use(sealer, &nonce, &err), ST_OK);
    }
    struct seal_nonce more = nth(SEAL_USED_MAX);
    more.expiry_ms = start + 1000000;
    assert_int_equal(sealer_use(sealer, &more, &err), ST_BUSY);
    assert_string_equal(err.text, "cannot be taken now: too many are in use; try again later");
    struct seal_nonce all[64];
    for (uint32_t i = 0; i < 64; i++)
        all[i] = nth(i * 1024);
    now = start + 1000 + SEAL_USED_MAX / 2;
    assert_int_equal(sealer_use(sealer, &more, &err), ST_OK);
    for (uint32_t i = 0; i < 64; i++) {
        assert_int_equal(sealer_use(sealer, &all[i], &err), ST_DENIED);
        assert_string_equal(err.text, all[i].expiry_ms <= now
                                          ? "has expired; begin again"
                                          : "was used already; begin again");
    }
}

int main(void)
{
#define SEAL_TEST(name) cmocka_unit_test_setup_teardown(name, set_up, tear_down)
    const struct CMUnitTest tests[] = {
        SEAL_TEST(test_roundtrip),      SEAL_TEST(test_layout),
        SEAL_TEST(test_tokens_differ),  SEAL_TEST(test_changed_bytes),
        SEAL_TEST(test_cut_and_appended), SEAL_TEST(test_binding),
        SEAL_TEST(test_fields_do_not_run_together), SEAL_TEST(test_expired),
        SEAL_TEST(test_rotation),       SEAL_TEST(test_limits),
        SEAL_TEST(test_used_once),      SEAL_TEST(test_used_is_bounded),
    };
    cmocka_set_message_output(CM_OUTPUT_TAP);
    if (crypto_module_new(TEST_MODULES_DIR, &module, NULL))
        return 1;
    int failed = cmocka_run_group_tests(tests, NULL, NULL);
    crypto_module_free(module);
    return failed;
}
