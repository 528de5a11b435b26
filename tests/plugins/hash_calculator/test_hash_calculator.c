/* Every algorithm by published vectors; BLAKE3 also against the program b3sum, which computed the
 * constants here. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#include "hexmcp/json.h"
#include "tests/plugins/support/loader.h"

#define TOOL "hash-calculator"

static struct loaded_plugin plugin;

static int load(void **state)
{
    (void)state;
    plugin_load(&plugin, "hexmcp.hash-calculator", "{}");
    return 0;
}

static int unload(void **state)
{
    (void)state;
    plugin_unload(&plugin);
    return 0;
}

/* FIPS 180-4 and 202, RFC 1321, 7693, and the papers of the others: the hash of "abc". */
static const struct {
    const char *algorithm;
    const char *hash;
} of_abc[] = {
    {"md5", "900150983cd24fb0d6963f7d28e17f72"},
    {"sha1", "a9993e364706816aba3e25717850c26c9cd0d89d"},
    {"sha224", "23097d223405d8228642a477bda255b32aadbce4bda0b3f7e36c9da7"},
    {"sha256", "ba7816bf8f01cfea414140de5dae2223b00361a396177a9cb410ff61f20015ad"},
    {"sha384", "cb00753f45a35e8bb5a03d699ac65007272c32ab0eded1631a8b605a43ff5bed"
     "8086072ba1e7cc2358baeca134c825a7"},
    {"sha512", "ddaf35a193617abacc417349ae20413112e6fa4e89a97ea20a9eeee64b55d39a"
     "2192992a274fc1a836ba3c23a3feebbd454d4423643ce80e2a9ac94fa54ca49f"},
    {"sha512-256", "53048e2681941ef99b2e29b76b4c7dabe4c2d0c634fc6d46e0e2f13107e7af23"},
    {"sha3-256", "3a985da74fe225b2045c172d6bd390bd855f086e3e9d525b46bfe24511431532"},
    {"sha3-512", "b751850b1a57168a5693cd924b6b096e08f621827444f70d884f5d0240d2712e"
     "10e116e9192af3c91a7ec57647e3934057340b4cf408d5a56592f8274eec53f0"},
    {"blake2b", "ba80a53f981c4d0d6a2797b69f12f6e94c212f14685ac4b74b12bb6fdbffa2d1"
     "7d87c5392aab792dc252d5de4533cc9518d38aa8dbf1925ab92386edd4009923"},
    {"blake2s", "508c5e8c327c14e2e1a72ba34eeb452f37458b209ed63a294d999b4c86675982"},
    {"ripemd160", "8eb208f7e05d987a9b044a8e98c6b087f15a0bfc"},
    {"blake3", "6437b3ac38465133ffb63b75273a8db548c558465d79db03fd359c6cd5bd9d85"},
};

static void test_abc(void **state)
{
    (void)state;
    for (size_t i = 0; i < sizeof(of_abc) / sizeof(of_abc[0]); i++) {
        char args[200], expected[400];
        snprintf(args, sizeof(args),
                 "{\"operation\":\"hash\",\"algorithm\":\"%s\",\"input\":\"abc\"}",
                 of_abc[i].algorithm);
        snprintf(expected, sizeof(expected),
                 "{\"structuredContent\":{\"operation\":\"hash\",\"algorithm\":\"%s\","
                 "\"format\":\"hex\",\"hash\":\"%s\"}}",
                 of_abc[i].algorithm, of_abc[i].hash);
        assert_result(&plugin, TOOL, args, expected);
    }
}

/* The input of BLAKE3's own vectors: the bytes 0 to 250 again and again. */
static const struct {
    size_t len;
    const char *hash;
} blake3_vectors[] = {
    {0, "af1349b9f5f9a1a6a0404dea36dcc9499bcb25c9adc112b7cc9a93cae41f3262"},
    {1, "2d3adedff11b61f14c886e35afa036736dcd87a74d27b5c1510225d0f592e213"},
    {63, "e9bc37a594daad83be9470df7f7b3798297c3d834ce80ba85d6e207627b7db7b"},
    {64, "4eed7141ea4a5cd4b788606bd23f46e212af9cacebacdc7d1f4c6dc7f2511b98"},
    {65, "de1e5fa0be70df6d2be8fffd0e99ceaa8eb6e8c93a63f2d8d1c30ecb6b263dee"},
    {1023, "10108970eeda3eb932baac1428c7a2163b0e924c9a9e25b35bba72b28f70bd11"},
    {1024, "42214739f095a406f3fc83deb889744ac00df831c10daa55189b5d121c855af7"},
    {1025, "d00278ae47eb27b34faecf67b4fe263f82d5412916c1ffd97c8cb7fb814b8444"},
    {2048, "e776b6028c7cd22a4d0ba182a8bf62205d2ef576467e838ed6f2529b85fba24a"},
    {2049, "5f4d72f40d7a5f82b15ca2b2e44b1de3c2ef86c426c95c1af0b6879522563030"},
    {3072, "b98cb0ff3623be03326b373de6b9095218513e64f1ee2edd2525c7ad1e5cffd2"},
    {4097, "9b4052b38f1c5fc8b1f9ff7ac7b27cd242487b3d890d15c96a1c25b8aa0fb995"},
    {31744, "62b6960e1a44bcc1eb1a611a8d6235b6b4b78f32e7abc4fb4c6cdcce94895c47"},
    {102400, "bc3e3d41a1146b069abffad3c0d44860cf664390afce4d9661f7902e7943e085"},
};

static void test_blake3_at_the_edges_of_blocks_and_chunks(void **state)
{
    (void)state;
    for (size_t i = 0; i < sizeof(blake3_vectors) / sizeof(blake3_vectors[0]); i++) {
        size_t len = blake3_vectors[i].len;
        char *args = malloc(2 * len + 200), expected[300];
        int used = snprintf(args, 200,
                            "{\"operation\":\"hash\",\"algorithm\":\"blake3\",\"encoding\":"
                            "\"hex\",\"input\":\"");
        for (size_t b = 0; b < len; b++)
            used += snprintf(args + used, 3, "%02x", (unsigned)(b % 251) & 0xFFu);
        memcpy(args + used, "\"}", 3);
        snprintf(expected, sizeof(expected),
                 "{\"structuredContent\":{\"operation\":\"hash\",\"algorithm\":\"blake3\","
                 "\"format\":\"hex\",\"hash\":\"%s\"}}",
                 blake3_vectors[i].hash);
        assert_result(&plugin, TOOL, args, expected);
        free(args);
    }
}

#define SHA256_OF_HELLO "2cf24dba5fb0a30e26e83b2ac5b9e29e1b161e5c1fa7425e73043362938b9824"

static void test_defaults_encodings_and_formats(void **state)
{
    (void)state;
    const char *expected = "{\"structuredContent\":{\"operation\":\"hash\",\"algorithm\":"
                           "\"sha256\",\"format\":\"hex\",\"hash\":\"" SHA256_OF_HELLO "\"}}";
    assert_result(&plugin, TOOL, "{\"operation\":\"hash\",\"input\":\"hello\"}", expected);
    assert_result(&plugin, TOOL,
                  "{\"operation\":\"hash\",\"input\":\"68656C6c6f\",\"encoding\":\"hex\"}",
                  expected);
    assert_result(&plugin, TOOL,
                  "{\"operation\":\"hash\",\"input\":\"aGVsbG8=\",\"encoding\":\"base64\"}",
                  expected);
    assert_result(&plugin, TOOL,
                  "{\"operation\":\"hash\",\"input\":\"hello\",\"format\":\"base64\"}",
                  "{\"structuredContent\":{\"operation\":\"hash\",\"algorithm\":\"sha256\","
                  "\"format\":\"base64\",\"hash\":"
                  "\"LPJNul+wow4m6DsqxbninhsWHlwfp0JecwQzYpOLmCQ=\"}}");
}

static void test_verify(void **state)
{
    (void)state;
    assert_result(&plugin, TOOL,
                  "{\"operation\":\"verify\",\"input\":\"hello\",\"expected_hash\":"
                  "\" 2CF24DBA5FB0A30E26E83B2AC5B9E29E1B161E5C1FA7425E73043362938B9824\\n\"}",
                  "{\"structuredContent\":{\"operation\":\"verify\",\"algorithm\":\"sha256\","
                  "\"format\":\"hex\",\"verified\":true,\"expected\":\"" SHA256_OF_HELLO
                  "\",\"actual\":\"" SHA256_OF_HELLO "\"}}");
    assert_result(&plugin, TOOL,
                  "{\"operation\":\"verify\",\"algorithm\":\"md5\",\"input\":\"\","
                  "\"expected_hash\":\"00000000000000000000000000000000\"}",
                  "{\"structuredContent\":{\"operation\":\"verify\",\"algorithm\":\"md5\","
                  "\"format\":\"hex\",\"verified\":false,\"expected\":"
                  "\"00000000000000000000000000000000\",\"actual\":"
                  "\"d41d8cd98f00b204e9800998ecf8427e\"}}");
}

static void test_errors(void **state)
{
    (void)state;
    assert_error(&plugin, TOOL, "{\"operation\":\"verify\",\"input\":\"x\"}", HEXMCP_E_INVALID,
                 "verify needs expected_hash: the hash to compare with, 64 hex digits for sha256");
    assert_error(&plugin, TOOL,
                 "{\"operation\":\"verify\",\"input\":\"x\",\"expected_hash\":\"xyz\"}",
                 HEXMCP_E_INVALID,
                 "expected_hash is not hex at position 0 of 3; correct it or expected_format");
    assert_error(&plugin, TOOL,
                 "{\"operation\":\"hash\",\"input\":\"x\",\"expected_hash\":\"00\"}",
                 HEXMCP_E_INVALID,
                 "expected_hash is for operation verify only; use verify to compare");
    assert_error(&plugin, TOOL,
                 "{\"operation\":\"hash\",\"input\":\"6g\",\"encoding\":\"hex\"}",
                 HEXMCP_E_INVALID,
                 "input is not hex at position 1 of 2; correct it, or leave encoding out to hash the "
                 "text itself");
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_abc),
        cmocka_unit_test(test_blake3_at_the_edges_of_blocks_and_chunks),
        cmocka_unit_test(test_defaults_encodings_and_formats),
        cmocka_unit_test(test_verify),
        cmocka_unit_test(test_errors),
    };
    cmocka_set_message_output(CM_OUTPUT_TAP);
    return cmocka_run_group_tests(tests, load, unload);
}
