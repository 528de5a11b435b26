/* Digests by the vectors of FIPS 180 and RFC 4231. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdio.h>
#include <stdlib.h>

#include <cmocka.h>

#include "adapters/driven/crypto/crypto.h"
#include "core/base/str.h"

static const struct crypto_port *port;

static void assert_digest(const uint8_t digest[SHA256_BYTES], const char *hex)
{
    char text[2 * SHA256_BYTES + 1];
    for (size_t i = 0; i < SHA256_BYTES; i++)
        snprintf(text + 2 * i, 3, "%02x", digest[i]);
    assert_string_equal(text, hex);
}

static void test_sha256(void **state)
{
    (void)state;
    uint8_t digest[SHA256_BYTES];
    struct error err;
    assert_int_equal(port->sha256(port->ctx, STR("abc"), digest, &err), ST_OK);
    assert_digest(digest, "ba7816bf8f01cfea414140de5dae2223b00361a396177a9cb410ff61f20015ad");
    assert_int_equal(port->sha256(port->ctx, STR(""), digest, &err), ST_OK);
    assert_digest(digest, "e3b0c44298fc1c149afbf4c8996fb92427ae41e4649b934ca495991b7852b855");
}

static void test_hmac(void **state)
{
    (void)state;
    uint8_t digest[SHA256_BYTES];
    struct error err;
    assert_int_equal(port->hmac_sha256(port->ctx, STR("Jefe"), STR("what do ya want for nothing?"),
                                       digest, &err),
                     ST_OK);
    assert_digest(digest, "5bdcc146bf60754e6a042426089575c75a003f089d2739839dec58b964ec3843");
    char key[131];
    memset(key, 0xaa, sizeof(key));
    struct str data = STR("Test Using Larger Than Block-Size Key - Hash Key First");
    struct str long_key = {key, sizeof(key)};
    assert_int_equal(port->hmac_sha256(port->ctx, long_key, data, digest, &err), ST_OK);
    assert_digest(digest, "60e431591ee0b67f0d8a26aacbf5b77f8e0bc6213728c5140546040f0ee37f54");
}

static void test_equal(void **state)
{
    (void)state;
    assert_true(port->equal(port->ctx, "abcd", "abcd", 4));
    assert_false(port->equal(port->ctx, "abcd", "abce", 4));
    assert_false(port->equal(port->ctx, "\x80", "\0", 1));
    assert_true(port->equal(port->ctx, "a", "b", 0));
}

static void test_missing_module(void **state)
{
    (void)state;
    struct crypto_module *module;
    uint8_t digest[SHA256_BYTES];
    struct error err = {0};
    assert_int_equal(crypto_module_new("/nowhere", &module, &err), ST_OK);
    const struct crypto_port *other = crypto_module_port(module);
    assert_int_equal(other->sha256(other->ctx, STR("a"), digest, &err), ST_UNAVAILABLE);
    assert_string_equal(err.text,
                        "module crypto cannot be loaded: /nowhere/hexmcp-crypto.so: cannot open "
                        "shared object file: No such file or directory");
    crypto_module_free(module);
    crypto_module_free(NULL);
}

int main(void)
{
    struct crypto_module *module;
    struct error err;
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_sha256),
        cmocka_unit_test(test_hmac),
        cmocka_unit_test(test_equal),
        cmocka_unit_test(test_missing_module),
    };
    cmocka_set_message_output(CM_OUTPUT_TAP);
    if (crypto_module_new(TEST_MODULES_DIR, &module, &err))
        return 1;
    port = crypto_module_port(module);
    int failed = cmocka_run_group_tests(tests, NULL, NULL);
    crypto_module_free(module);
    return failed;
}
