/* Values through the layer that encrypts and compresses, with libsodium and zstd. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>

#include <cmocka.h>

#include "adapters/driven/sealed_values/sealed_values.h"
#include "core/base/buffer.h"
#include "tests/core/fakes/fake_key_value_store.h"

#define SPACE STR("state/acme/session/alice/s1")
#define OPEN STR("state/acme/global")
#define K1 "\"k1\":{\"env\":\"TEST_SEAL_K1\"}"
#define K2 "\"k2\":{\"env\":\"TEST_SEAL_K2\"}"

static struct fake_kv kv;
static struct sealed_values *sealed;
static char told[70100];

static void open_with(const char *keys, const char *scopes)
{
    struct error err;
    const struct sealed_values_options options = {&kv.port, TEST_MODULES_DIR, str_from(keys),
                                                  strchr(keys, ',') ? STR("k2") : STR(""),
                                                  str_from(scopes)};
    sealed_values_free(sealed);
    sealed = NULL;
    told[0] = '\0';
    if (sealed_values_new(&options, &sealed, &err))
        snprintf(told, sizeof(told), "%d %s", err.code, err.text);
}

static int set_up(void **state)
{
    (void)state;
    setenv("TEST_SEAL_K1", "000102030405060708090a0b0c0d0e0f101112131415161718191A1B1C1D1E1F", 1);
    setenv("TEST_SEAL_K2", "ff0102030405060708090a0b0c0d0e0f101112131415161718191a1b1c1d1e1f", 1);
    fake_kv_init(&kv);
    open_with("{" K1 "}", "[\"session\"]");
    return sealed ? 0 : -1;
}

static int tear_down(void **state)
{
    (void)state;
    sealed_values_free(sealed);
    sealed = NULL;
    fake_kv_clear(&kv);
    return 0;
}

static void failed(const struct error *err)
{
    snprintf(told, sizeof(told), "%d %s", err->code, err->text);
}

static void got(void *arg, const struct error *err, const struct kv_value *v)
{
    (void)arg;
    if (err)
        failed(err);
    else
        snprintf(told, sizeof(told), "%.*s", (int)v->value.len, v->value.ptr);
}

static void applied(void *arg, const struct error *err, const struct kv_applied *r)
{
    (void)arg;
    if (err)
        failed(err);
    else
        snprintf(told, sizeof(told), "%s", r->conflict ? "conflict" : "done");
}

static void listed(void *arg, const struct error *err, const struct kv_entry *e, size_t count,
                   bool more)
{
    (void)arg;
    if (err) {
        failed(err);
        return;
    }
    int at = snprintf(told, sizeof(told), "%s", more ? "more " : "");
    for (size_t i = 0; i < count; i++)
        at += snprintf(told + at, sizeof(told) - (size_t)at, "%.*s=%.*s(%llu) ", STR_ARG(e[i].key),
                       e[i].value.ptr ? (int)e[i].value.len : 1,
                       e[i].value.ptr ? e[i].value.ptr : "-", (unsigned long long)e[i].bytes);
}

static void put_in(const struct key_value_store *port, struct str space, const char *key,
                   const char *value)
{
    const struct kv_change c = {.key = str_from(key), .value = str_from(value)};
    port->apply(port->ctx, space, &c, 1, applied, NULL);
}

static void put(struct str space, const char *key, const char *value)
{
    put_in(sealed_values_port(sealed), space, key, value);
}

static void get(struct str space, const char *key)
{
    const struct key_value_store *port = sealed_values_port(sealed);
    port->get(port->ctx, space, str_from(key), got, NULL);
}

static void list(struct str space)
{
    const struct key_value_store *port = sealed_values_port(sealed);
    const struct kv_query q = {.limit = 10, .values = true};
    port->list(port->ctx, space, &q, listed, NULL);
}

static bool holds(struct str in, const char *what)
{
    return memmem(in.ptr, in.len, what, strlen(what)) != NULL;
}

static void values_of_chosen_spaces_are_encrypted(void **state)
{
    (void)state;
    put(SPACE, "k", "attack at dawn");
    assert_string_equal(told, "done");
    struct str stored = fake_kv_value(&kv, SPACE, STR("k"));
    assert_int_equal(stored.len, 6 + 2 + 8 + 24 + 14 + 16);
    assert_memory_equal(stored.ptr, "HXV1\2\2k1\x0e\0\0\0\0\0\0\0", 16);
    assert_false(holds(stored, "dawn"));
    get(SPACE, "k");
    assert_string_equal(told, "attack at dawn");
    list(SPACE);
    assert_string_equal(told, "k=attack at dawn(14) ");
    put(OPEN, "k", "in clear");
    assert_true(str_eq(fake_kv_value(&kv, OPEN, STR("k")), STR("in clear")));
    put_in(sealed_values_sealing(sealed), OPEN, "k", "on demand");
    assert_false(holds(fake_kv_value(&kv, OPEN, STR("k")), "demand"));
    get(OPEN, "k");
    assert_string_equal(told, "on demand");
    put(STR("migration/r1"), "k", "a copy");
    assert_false(holds(fake_kv_value(&kv, STR("migration/r1"), STR("k")), "copy"));
    assert_non_null(fake_kv_value(&kv, STR(SEALED_SPACES), SPACE).ptr);
    assert_non_null(fake_kv_value(&kv, STR(SEALED_SPACES), OPEN).ptr);
}

static void equal_values_look_different(void **state)
{
    (void)state;
    put(SPACE, "a", "same");
    put(SPACE, "b", "same");
    assert_false(str_eq(fake_kv_value(&kv, SPACE, STR("a")), fake_kv_value(&kv, SPACE, STR("b"))));
}

static void long_values_are_compressed(void **state)
{
    (void)state;
    char *text = malloc(70001);
    assert_non_null(text);
    memset(text, 'x', 70000);
    text[70000] = '\0';
    put(OPEN, "k", text);
    assert_true(fake_kv_value(&kv, OPEN, STR("k")).len < 100);
    get(OPEN, "k");
    assert_string_equal(told, text);
    list(OPEN);
    assert_string_equal(told, "k=-(70000) ");
    text[1025] = '\0';
    put(SPACE, "k", text);
    assert_true(fake_kv_value(&kv, SPACE, STR("k")).len < 150);
    get(SPACE, "k");
    assert_string_equal(told, text);
    text[1024] = '\0';
    put(OPEN, "k", text);
    assert_int_equal(fake_kv_value(&kv, OPEN, STR("k")).len, 1024);
    free(text);
}

static void what_looks_sealed_comes_back_as_it_was(void **state)
{
    (void)state;
    put(OPEN, "k", "HXV1 is how it begins");
    get(OPEN, "k");
    assert_string_equal(told, "HXV1 is how it begins");
    put(OPEN, "k", "");
    get(OPEN, "k");
    assert_string_equal(told, "");
    put(SPACE, "k", "");
    get(SPACE, "k");
    assert_string_equal(told, "");
}

static void move(struct str from, const char *from_key, struct str to, const char *to_key)
{
    struct str value = fake_kv_value(&kv, from, str_from(from_key));
    char copy[500];
    memcpy(copy, value.ptr, value.len);
    fake_kv_put(&kv, to, str_from(to_key), (struct str){copy, value.len});
}

static void moved_and_changed_values_are_refused(void **state)
{
    static const char why[] = "the key \"k1\" does not open it: the key is another one than before, or "
                              "the value was changed or moved";
    char expected[400];
    (void)state;
    put(SPACE, "k", "attack at dawn");
    move(SPACE, "k", SPACE, "l");
    get(SPACE, "l");
    snprintf(expected, sizeof(expected),
             "-6 the value of \"l\" in state/acme/session/alice/s1 cannot be read: %s", why);
    assert_string_equal(told, expected);
    move(SPACE, "k", OPEN, "k");
    get(OPEN, "k");
    assert_memory_equal(told, "-6 ", 3);
    struct str stored = fake_kv_value(&kv, SPACE, STR("k"));
    size_t len = stored.len;
    char copy[200];
    memcpy(copy, stored.ptr, len);
    for (size_t i = 0; i < len; i++) {
        copy[i] ^= 1;
        fake_kv_put(&kv, SPACE, STR("k"), (struct str){copy, len});
        get(SPACE, "k");
        /* Whatever bit it is: not the value. The first three bytes make it no sealed value at all. */
        assert_string_not_equal(told, "attack at dawn");
        if (i > 3)
            assert_int_equal(told[0], '-');
        copy[i] ^= 1;
    }
    for (size_t i = 3; i < len; i++) {
        fake_kv_put(&kv, SPACE, STR("k"), (struct str){copy, i});
        get(SPACE, "k");
        assert_int_equal(told[0], '-');
    }
}

static void expansion_is_bounded(void **state)
{
    (void)state;
    put(OPEN, "k", "");
    char bomb[64] = "HXV1\1\0";
    memcpy(bomb + 6, "\0\0\0\2\0\0\0\0", 8);
    fake_kv_put(&kv, OPEN, STR("k"), (struct str){bomb, 40});
    get(OPEN, "k");
    assert_string_equal(told, "-12 the value of \"k\" in state/acme/global cannot be read: its header is "
                              "damaged");
    memcpy(bomb + 6, "\0\0\1\0\0\0\0\0", 8);
    fake_kv_put(&kv, OPEN, STR("k"), (struct str){bomb, 40});
    get(OPEN, "k");
    assert_string_equal(told,
                        "-12 the value of \"k\" in state/acme/global cannot be read: it is damaged");
    fake_kv_put(&kv, OPEN, STR("k"), STR("HXV2..............."));
    get(OPEN, "k");
    assert_string_equal(told, "-12 the value of \"k\" in state/acme/global cannot be read: it is from a "
                              "later version of hexmcp");
}

static void wrong_and_missing_keys_change_nothing(void **state)
{
    (void)state;
    put(SPACE, "k", "attack at dawn");
    size_t changes = kv.changes;
    open_with("{" K2 "}", "[\"session\"]");
    get(SPACE, "k");
    assert_string_equal(told, "-10 the value of \"k\" in state/acme/session/alice/s1 cannot be read: it "
                              "is encrypted with the key \"k1\", which encryption.keys does not name");
    list(SPACE);
    assert_memory_equal(told, "-10 the value of", 16);
    setenv("TEST_SEAL_K1", getenv("TEST_SEAL_K2"), 1);
    open_with("{" K1 "}", "[\"session\"]");
    get(SPACE, "k");
    assert_memory_equal(told, "-6 the value of", 15);
    unsetenv("TEST_SEAL_K1");
    open_with("{" K1 "}", "[\"session\"]");
    get(SPACE, "k");
    assert_string_equal(told,
                        "-10 the value of \"k\" in state/acme/session/alice/s1 cannot be read: the "
                        "encryption key \"k1\" cannot be read: secret k1: the variable TEST_SEAL_K1 is "
                        "not set");
    put(SPACE, "k", "other");
    assert_string_equal(told, "-10 the encryption key \"k1\" cannot be read: secret k1: the variable "
                              "TEST_SEAL_K1 is not set");
    setenv("TEST_SEAL_K1", "short", 1);
    put(SPACE, "k", "other");
    assert_string_equal(told, "-10 the encryption key \"k1\" is none: 64 hexadecimal digits are, as "
                              "\"openssl rand -hex 32\" makes them");
    assert_int_equal(kv.changes, changes);
}

static void settings_are_checked(void **state)
{
    static const struct {
        const char *keys, *scopes, *message;
    } cases[] = {
        {"[]", "[]", "-13 encryption.keys must be an object of at most 16 keys"},
        {"{\"1\":{}}", "[]",
         "-13 encryption.keys: the id of a key is a letter, then letters, digits, '_', '-' and '.', at "
         "most 32"},
        {"{\"a\":1}", "[]", "-13 encryption.keys: "},
        {"{" K1 ",\"b\":{\"env\":\"B\"}}", "[]",
         "-13 encryption.key is \"k2\", which encryption.keys has not"},
        {"{}", "[\"session\"]",
         "-13 encryption.scopes names a scope and encryption.keys no key"},
        {"{" K1 "}", "[\"sesion\"]",
         "-13 encryption.scopes: there is no scope \"sesion\"; there are global, user, session, "
         "workflow and component"},
    };
    (void)state;
    for (size_t i = 0; i < sizeof(cases) / sizeof(cases[0]); i++) {
        open_with(cases[i].keys, cases[i].scopes);
        if (strcmp(cases[i].keys, "{\"a\":1}") == 0)
            assert_memory_equal(told, cases[i].message, strlen(cases[i].message));
        else
            assert_string_equal(told, cases[i].message);
    }
    open_with("{}", "[]");
    assert_null(sealed_values_sealing(sealed));
    put(SPACE, "k", "clear");
    get(SPACE, "k");
    assert_string_equal(told, "clear");
}

static void rotated(void *arg, const struct error *err, const struct sealed_rotation *r)
{
    (void)arg;
    if (err)
        failed(err);
    else
        snprintf(told, sizeof(told), "%llu spaces, %llu values, %llu rotated",
                 (unsigned long long)r->spaces, (unsigned long long)r->values,
                 (unsigned long long)r->rotated);
}

static int comings;

static void other_writes(void *arg)
{
    (void)arg;
    if (comings-- > 0)
        fake_kv_put(&kv, SPACE, STR("v000"), STR("by another"));
}

static void keys_rotate_while_values_are_used(void **state)
{
    (void)state;
    char key[8];
    for (int i = 0; i < 250; i++) {
        snprintf(key, sizeof(key), "v%03d", i);
        put(SPACE, key, key);
    }
    put_in(sealed_values_sealing(sealed), OPEN, "secret", "s");
    put(OPEN, "clear", "c");
    open_with("{" K2 "," K1 "}", "[\"session\"]");
    get(SPACE, "v007");
    assert_string_equal(told, "v007");
    put(SPACE, "v008", "new");
    comings = 1;
    kv.between = other_writes;
    sealed_values_rotate(sealed, NULL, rotated, NULL);
    kv.between = NULL;
    assert_string_equal(told, "2 spaces, 252 values, 250 rotated");
    sealed_values_rotate(sealed, NULL, rotated, NULL);
    assert_string_equal(told, "2 spaces, 252 values, 0 rotated");
    assert_true(str_eq(fake_kv_value(&kv, OPEN, STR("clear")), STR("c")));
    open_with("{" K2 "}", "[\"session\"]");
    get(SPACE, "v007");
    assert_string_equal(told, "v007");
    get(SPACE, "v000");
    assert_string_equal(told, "by another");
    assert_false(holds(fake_kv_value(&kv, SPACE, STR("v000")), "another"));
    get(OPEN, "secret");
    assert_string_equal(told, "s");
    open_with("{" K1 "}", "[\"session\"]");
    sealed_values_rotate(sealed, NULL, rotated, NULL);
    assert_memory_equal(told, "-10 the value of \"secret\" in state/acme/global cannot be read: it is", 60);
    open_with("{}", "[]");
    sealed_values_rotate(sealed, NULL, rotated, NULL);
    assert_string_equal(told, "-13 encryption.keys names no key to encrypt with");
}

static void failures_of_the_store_are_told(void **state)
{
    (void)state;
    kv.fail_after = 0;
    put(SPACE, "k", "1");
    assert_string_equal(told, "-10 the store is away");
    kv.fail_after = 1;
    put(SPACE, "k", "1");
    assert_string_equal(told, "-10 the store is away");
    kv.fail_after = 0;
    list(SPACE);
    assert_string_equal(told, "-10 the store is away");
    kv.fail_after = 0;
    sealed_values_rotate(sealed, NULL, rotated, NULL);
    assert_string_equal(told, "-10 the store is away");
    get(SPACE, "none");
    assert_memory_equal(told, "-4", 2);
}

int main(void)
{
#define TEST(name) cmocka_unit_test_setup_teardown(name, set_up, tear_down)
    const struct CMUnitTest tests[] = {
        TEST(values_of_chosen_spaces_are_encrypted),
        TEST(equal_values_look_different),
        TEST(long_values_are_compressed),
        TEST(what_looks_sealed_comes_back_as_it_was),
        TEST(moved_and_changed_values_are_refused),
        TEST(expansion_is_bounded),
        TEST(wrong_and_missing_keys_change_nothing),
        TEST(settings_are_checked),
        TEST(keys_rotate_while_values_are_used),
        TEST(failures_of_the_store_are_told),
    };
    cmocka_set_message_output(CM_OUTPUT_TAP);
    return cmocka_run_group_tests(tests, NULL, NULL);
}
