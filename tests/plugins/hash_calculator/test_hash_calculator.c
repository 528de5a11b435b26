/* Every algorithm by published vectors; BLAKE3 also against the program b3sum, which computed the
 * constants here. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include <cmocka.h>

#include "hexmcp/json.h"
#include "tests/plugins/support/asserts.h"

#define TOOL "hash-calculator"

static hexmcp_fake_plugin plugin;

static int load(void **state)
{
    (void)state;
    plugin_load(&plugin, "hexmcp.hash-calculator", "{}");
    return 0;
}

static int unload(void **state)
{
    (void)state;
    hexmcp_fake_unload(&plugin);
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
    {2, "7b7015bb92cf0b318037702a6cdd81dee41224f734684c2c122cd6359cb1ee63"},
    {3, "e1be4d7a8ab5560aa4199eea339849ba8e293d55ca0a81006726d184519e647f"},
    {4, "f30f5ab28fe047904037f77b6da4fea1e27241c5d132638d8bedce9d40494f32"},
    {5, "b40b44dfd97e7a84a996a91af8b85188c66c126940ba7aad2e7ae6b385402aa2"},
    {6, "06c4e8ffb6872fad96f9aaca5eee1553eb62aed0ad7198cef42e87f6a616c844"},
    {7, "3f8770f387faad08faa9d8414e9f449ac68e6ff0417f673f602a646a891419fe"},
    {8, "2351207d04fc16ade43ccab08600939c7c1fa70a5c0aaca76063d04c3228eaeb"},
    {63, "e9bc37a594daad83be9470df7f7b3798297c3d834ce80ba85d6e207627b7db7b"},
    {64, "4eed7141ea4a5cd4b788606bd23f46e212af9cacebacdc7d1f4c6dc7f2511b98"},
    {65, "de1e5fa0be70df6d2be8fffd0e99ceaa8eb6e8c93a63f2d8d1c30ecb6b263dee"},
    {127, "d81293fda863f008c09e92fc382a81f5a0b4a1251cba1634016a0f86a6bd640d"},
    {128, "f17e570564b26578c33bb7f44643f539624b05df1a76c81f30acd548c44b45ef"},
    {129, "683aaae9f3c5ba37eaaf072aed0f9e30bac0865137bae68b1fde4ca2aebdcb12"},
    {1023, "10108970eeda3eb932baac1428c7a2163b0e924c9a9e25b35bba72b28f70bd11"},
    {1024, "42214739f095a406f3fc83deb889744ac00df831c10daa55189b5d121c855af7"},
    {1025, "d00278ae47eb27b34faecf67b4fe263f82d5412916c1ffd97c8cb7fb814b8444"},
    {2048, "e776b6028c7cd22a4d0ba182a8bf62205d2ef576467e838ed6f2529b85fba24a"},
    {2049, "5f4d72f40d7a5f82b15ca2b2e44b1de3c2ef86c426c95c1af0b6879522563030"},
    {3072, "b98cb0ff3623be03326b373de6b9095218513e64f1ee2edd2525c7ad1e5cffd2"},
    {3073, "7124b49501012f81cc7f11ca069ec9226cecb8a2c850cfe644e327d22d3e1cd3"},
    {4096, "015094013f57a5277b59d8475c0501042c0b642e531b0a1c8f58d2163229e969"},
    {4097, "9b4052b38f1c5fc8b1f9ff7ac7b27cd242487b3d890d15c96a1c25b8aa0fb995"},
    {5120, "9cadc15fed8b5d854562b26a9536d9707cadeda9b143978f319ab34230535833"},
    {5121, "628bd2cb2004694adaab7bbd778a25df25c47b9d4155a55f8fbd79f2fe154cff"},
    {6144, "3e2e5b74e048f3add6d21faab3f83aa44d3b2278afb83b80b3c35164ebeca205"},
    {6145, "f1323a8631446cc50536a9f705ee5cb619424d46887f3c376c695b70e0f0507f"},
    {7168, "61da957ec2499a95d6b8023e2b0e604ec7f6b50e80a9678b89d2628e99ada77a"},
    {7169, "a003fc7a51754a9b3c7fae0367ab3d782dccf28855a03d435f8cfe74605e7817"},
    {8192, "aae792484c8efe4f19e2ca7d371d8c467ffb10748d8a5a1ae579948f718a2a63"},
    {8193, "bab6c09cb8ce8cf459261398d2e7aef35700bf488116ceb94a36d0f5f1b7bc3b"},
    {16384, "f875d6646de28985646f34ee13be9a576fd515f76b5b0a26bb324735041ddde4"},
    {31744, "62b6960e1a44bcc1eb1a611a8d6235b6b4b78f32e7abc4fb4c6cdcce94895c47"},
    {102400, "bc3e3d41a1146b069abffad3c0d44860cf664390afce4d9661f7902e7943e085"},
};

/* Hashes the first `len` bytes of that input by BLAKE3 and compares with `hash`. */
static void assert_blake3(size_t len, const char *hash)
{
    char *args = malloc(2 * len + 200), expected[300];
    int used = snprintf(args, 200,
                        "{\"operation\":\"hash\",\"algorithm\":\"blake3\",\"encoding\":\"hex\","
                        "\"input\":\"");
    for (size_t b = 0; b < len; b++)
        used += snprintf(args + used, 3, "%02x", (unsigned)(b % 251) & 0xFFu);
    memcpy(args + used, "\"}", 3);
    snprintf(expected, sizeof(expected),
             "{\"structuredContent\":{\"operation\":\"hash\",\"algorithm\":\"blake3\","
             "\"format\":\"hex\",\"hash\":\"%s\"}}",
             hash);
    assert_result(&plugin, TOOL, args, expected);
    free(args);
}

static void test_blake3_at_the_edges_of_blocks_and_chunks(void **state)
{
    (void)state;
    for (size_t i = 0; i < sizeof(blake3_vectors) / sizeof(blake3_vectors[0]); i++)
        assert_blake3(blake3_vectors[i].len, blake3_vectors[i].hash);
}

/* Feeds `len` bytes of the same input to b3sum; 0 if there is no such program. */
static int ask_b3sum(size_t len, char hash[65])
{
    char path[] = "/tmp/hexmcp-b3sum-XXXXXX", command[100];
    int fd = mkstemp(path);
    assert_true(fd >= 0);
    FILE *file = fdopen(fd, "wb");
    for (size_t b = 0; b < len; b++)
        fputc((int)(b % 251), file);
    assert_int_equal(fclose(file), 0);
    snprintf(command, sizeof(command), "b3sum --no-names %s 2>/dev/null", path);
    FILE *answer = popen(command, "r");
    size_t got = fread(hash, 1, 64, answer);
    hash[got] = '\0';
    int status = pclose(answer);
    unlink(path);
    return status == 0 && got == 64;
}

static void test_blake3_agrees_with_b3sum(void **state)
{
    (void)state;
    static const size_t lengths[] = {66, 1087, 1089, 5119, 9216, 65537, 99999, 1000003};
    for (size_t i = 0; i < sizeof(lengths) / sizeof(lengths[0]); i++) {
        char hash[65];
        if (!ask_b3sum(lengths[i], hash)) {
            print_message("# skipped: the program b3sum is not installed\n");
            skip();
        }
        assert_blake3(lengths[i], hash);
    }
}

/* One fresh instance, several threads: the first of them loads OpenSSL, the rest wait for it. The
 * test is failed by its own thread: each of the others returns `fresh` if all went well. */
static void *hash_on_a_thread(void *fresh)
{
    static const char args[] = "{\"operation\":\"hash\",\"algorithm\":\"md5\",\"input\":\"abc\"}";
    static const char expected[] =
        "{\"structuredContent\":{\"operation\":\"hash\",\"algorithm\":\"md5\",\"format\":\"hex\","
        "\"hash\":\"900150983cd24fb0d6963f7d28e17f72\"}}";
    void *result = fresh;
    for (int i = 0; i < 50; i++) {
        hexmcp_fake_answer answer;
        plugin_run(fresh, TOOL, args, sizeof(args) - 1, &answer);
        if (!answer.json || strcmp(answer.json, expected) != 0)
            result = NULL;
        hexmcp_fake_answer_free(&answer);
    }
    return result;
}

static void test_threads_share_the_loading_of_openssl(void **state)
{
    (void)state;
    hexmcp_fake_plugin fresh;
    pthread_t threads[4];
    plugin_load(&fresh, "hexmcp.hash-calculator", "{}");
    for (int i = 0; i < 4; i++)
        threads[i] = hexmcp_fake_worker(fresh.fake, hash_on_a_thread, &fresh);
    for (int i = 0; i < 4; i++) {
        void *result = NULL;
        assert_int_equal(pthread_join(threads[i], &result), 0);
        assert_ptr_equal(result, &fresh);
    }
    hexmcp_fake_unload(&fresh);
}

/* The empty text, and the texts of two blocks in FIPS 180-4 and 202. */
#define TWO_BLOCKS_56 "abcdbcdecdefdefgefghfghighijhijkijkljklmklmnlmnomnopnopq"
#define TWO_BLOCKS_112 \
    "abcdefghbcdefghicdefghijdefghijkefghijklfghijklmghijklmnhijklmnoijklmnopjklmnopqklmnopqr" \
    "lmnopqrsmnopqrstnopqrstu"

static const struct {
    const char *algorithm;
    const char *input;
    const char *hash;
} longer_vectors[] = {
    {"md5", "",
     "d41d8cd98f00b204e9800998ecf8427e"},
    {"md5", TWO_BLOCKS_56,
     "8215ef0796a20bcaaae116d3876c664a"},
    {"sha1", "",
     "da39a3ee5e6b4b0d3255bfef95601890afd80709"},
    {"sha1", TWO_BLOCKS_56,
     "84983e441c3bd26ebaae4aa1f95129e5e54670f1"},
    {"sha224", "",
     "d14a028c2a3a2bc9476102bb288234c415a2b01f828ea62ac5b3e42f"},
    {"sha224", TWO_BLOCKS_56,
     "75388b16512776cc5dba5da1fd890150b0c6455cb4f58b1952522525"},
    {"sha256", "",
     "e3b0c44298fc1c149afbf4c8996fb92427ae41e4649b934ca495991b7852b855"},
    {"sha256", TWO_BLOCKS_56,
     "248d6a61d20638b8e5c026930c3e6039a33ce45964ff2167f6ecedd419db06c1"},
    {"sha384", "",
     "38b060a751ac96384cd9327eb1b1e36a21fdb71114be07434c0cc7bf63f6e1da"
     "274edebfe76f65fbd51ad2f14898b95b"},
    {"sha384", TWO_BLOCKS_112,
     "09330c33f71147e83d192fc782cd1b4753111b173b3b05d22fa08086e3b0f712"
     "fcc7c71a557e2db966c3e9fa91746039"},
    {"sha512", "",
     "cf83e1357eefb8bdf1542850d66d8007d620e4050b5715dc83f4a921d36ce9ce"
     "47d0d13c5d85f2b0ff8318d2877eec2f63b931bd47417a81a538327af927da3e"},
    {"sha512", TWO_BLOCKS_112,
     "8e959b75dae313da8cf4f72814fc143f8f7779c6eb9f7fa17299aeadb6889018"
     "501d289e4900f7e4331b99dec4b5433ac7d329eeb6dd26545e96e55b874be909"},
    {"sha512-256", "",
     "c672b8d1ef56ed28ab87c3622c5114069bdd3ad7b8f9737498d0c01ecef0967a"},
    {"sha512-256", TWO_BLOCKS_112,
     "3928e184fb8690f840da3988121d31be65cb9d3ef83ee6146feac861e19b563a"},
    {"sha3-256", "",
     "a7ffc6f8bf1ed76651c14756a061d662f580ff4de43b49fa82d80a4b80f8434a"},
    {"sha3-256", TWO_BLOCKS_56,
     "41c0dba2a9d6240849100376a8235e2c82e1b9998a999e21db32dd97496d3376"},
    {"sha3-512", "",
     "a69f73cca23a9ac5c8b567dc185a756e97c982164fe25859e0d1dcc1475c80a6"
     "15b2123af1f5f94c11e3e9402c3ac558f500199d95b6d3e301758586281dcd26"},
    {"sha3-512", TWO_BLOCKS_56,
     "04a371e84ecfb5b8b77cb48610fca8182dd457ce6f326a0fd3d7ec2f1e91636d"
     "ee691fbe0c985302ba1b0d8dc78c086346b533b49c030d99a27daf1139d6e75e"},
    {"blake2b", "",
     "786a02f742015903c6c6fd852552d272912f4740e15847618a86e217f71f5419"
     "d25e1031afee585313896444934eb04b903a685b1448b755d56f701afe9be2ce"},
    {"blake2b", TWO_BLOCKS_56,
     "7285ff3e8bd768d69be62b3bf18765a325917fa9744ac2f582a20850bc2b1141"
     "ed1b3e4528595acc90772bdf2d37dc8a47130b44f33a02e8730e5ad8e166e888"},
    {"blake2s", "",
     "69217a3079908094e11121d042354a7c1f55b6482ca1a51e1b250dfd1ed0eef9"},
    {"blake2s", TWO_BLOCKS_56,
     "6f4df5116a6f332edab1d9e10ee87df6557beab6259d7663f3bcd5722c13f189"},
    {"ripemd160", "",
     "9c1185a5c5e9fc54612808977ee8f548b2258d31"},
    {"ripemd160", TWO_BLOCKS_56,
     "12a053384a9c0c88e405a06c27dcf49ada62eb2b"},
};

static void test_empty_and_longer_texts(void **state)
{
    (void)state;
    for (size_t i = 0; i < sizeof(longer_vectors) / sizeof(longer_vectors[0]); i++) {
        char args[400], expected[400];
        snprintf(args, sizeof(args),
                 "{\"operation\":\"verify\",\"algorithm\":\"%s\",\"input\":\"%s\","
                 "\"expected_hash\":\"%s\"}",
                 longer_vectors[i].algorithm, longer_vectors[i].input, longer_vectors[i].hash);
        snprintf(expected, sizeof(expected),
                 "{\"structuredContent\":{\"operation\":\"verify\",\"algorithm\":\"%s\","
                 "\"format\":\"hex\",\"verified\":true,\"expected\":\"%s\",\"actual\":\"%s\"}}",
                 longer_vectors[i].algorithm, longer_vectors[i].hash, longer_vectors[i].hash);
        assert_result(&plugin, TOOL, args, expected);
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
    assert_error(&plugin, TOOL,
                 "{\"operation\":\"verify\",\"input\":\"x\",\"expected_hash\":"
                 "\"a9993e364706816aba3e25717850c26c9cd0d89d\"}",
                 HEXMCP_E_INVALID,
                 "expected_hash has 20 bytes (40 hex digits), but sha256 has 32 (64 hex "
                 "digits); 20 bytes fit sha1, ripemd160: correct expected_hash or algorithm");
    assert_error(&plugin, TOOL,
                 "{\"operation\":\"verify\",\"input\":\"x\",\"expected_hash\":\"YWJj\","
                 "\"expected_format\":\"base64\",\"algorithm\":\"md5\"}",
                 HEXMCP_E_INVALID,
                 "expected_hash has 3 bytes (6 hex digits), but md5 has 16 (32 hex digits); "
                 "3 bytes fit no algorithm: correct expected_hash or algorithm");
    assert_error(&plugin, TOOL,
                 "{\"operation\":\"verify\",\"input\":\"x\",\"expected_hash\":\"abc\"}",
                 HEXMCP_E_INVALID,
                 "expected_hash is not hex at position 3 of 3; correct it or expected_format");
    assert_error(&plugin, TOOL,
                 "{\"operation\":\"hash\",\"input\":\"YW-=\",\"encoding\":\"base64\"}",
                 HEXMCP_E_INVALID,
                 "input is not base64 at position 2 of 4; correct it, or leave encoding out to "
                 "hash the text itself");
    assert_error(&plugin, TOOL, "{\"operation\":\"sign\",\"input\":\"x\"}", HEXMCP_E_INVALID,
                 "operation is unknown; give one of hash, verify");
    assert_error(&plugin, TOOL, "{\"input\":\"x\"}", HEXMCP_E_INVALID,
                 "operation is missing; give one of hash, verify");
    assert_error(&plugin, TOOL, "{\"operation\":5,\"input\":\"x\"}", HEXMCP_E_INVALID,
                 "operation is unknown; give one of hash, verify");
    assert_error(&plugin, TOOL, "{\"operation\":\"hash\"}", HEXMCP_E_INVALID,
                 "there is nothing to work on; give input (the data itself) or path (a file)");
    assert_error(&plugin, TOOL, "{\"operation\":\"hash\",\"input\":\"a\",\"path\":\"b\"}",
                 HEXMCP_E_INVALID,
                 "input and path are both given; give one of them");
    assert_error(&plugin, TOOL, "{\"operation\":\"hash\",\"path\":1}", HEXMCP_E_INVALID,
                 "path is not a text; give a string");
    assert_error(&plugin, TOOL,
                 "{\"operation\":\"hash\",\"path\":\"a\",\"encoding\":\"hex\"}", HEXMCP_E_INVALID,
                 "encoding is for input; leave it out: the bytes of a file are hashed as they are");
    assert_error(&plugin, TOOL, "{\"operation\":\"hash\",\"input\":[]}", HEXMCP_E_INVALID,
                 "input is not a text; give a string");
    assert_error(&plugin, TOOL,
                 "{\"operation\":\"hash\",\"input\":\"x\",\"algorithm\":\"crc32\"}",
                 HEXMCP_E_INVALID,
                 "algorithm is unknown; give one of md5, sha1, sha224, sha256, sha384, sha512, "
                 "sha512-256, sha3-256, sha3-512, blake2b, blake2s, blake3, ripemd160");
    assert_error(&plugin, TOOL,
                 "{\"operation\":\"hash\",\"input\":\"x\",\"encoding\":\"utf-16\"}",
                 HEXMCP_E_INVALID, "encoding is unknown; give one of utf-8, hex, base64");
    assert_error(&plugin, TOOL,
                 "{\"operation\":\"hash\",\"input\":\"x\",\"format\":\"utf-8\"}",
                 HEXMCP_E_INVALID, "format is unknown; give one of hex, base64");
    assert_error(&plugin, TOOL, "{\"operation\":\"verify\",\"input\":\"x\"}", HEXMCP_E_INVALID,
                 "verify needs expected_hash: the hash to compare with, 64 hex digits for sha256");
    assert_error(&plugin, TOOL,
                 "{\"operation\":\"verify\",\"input\":\"x\",\"expected_hash\":\"xyz\"}",
                 HEXMCP_E_INVALID,
                 "expected_hash is not hex at position 0 of 3; correct it or expected_format");
    assert_error(&plugin, TOOL,
                 "{\"operation\":\"hash\",\"input\":\"x\",\"expected_hash\":\"00\"}",
                 HEXMCP_E_INVALID,
                 "expected_hash is not for hash but for verify; leave it out, or take another operation");
    assert_error(&plugin, TOOL,
                 "{\"operation\":\"hash\",\"input\":\"6g\",\"encoding\":\"hex\"}",
                 HEXMCP_E_INVALID,
                 "input is not hex at position 1 of 2; correct it, or leave encoding out to "
                 "hash the text itself");
}

static void test_input_is_bounded(void **state)
{
    (void)state;
    size_t len = 10485761;
    static const char head[] = "{\"operation\":\"hash\",\"input\":\"";
    char *args = malloc(len + 100);
    assert_non_null(args);
    memcpy(args, head, sizeof(head) - 1);
    memset(args + sizeof(head) - 1, 'x', len);
    memcpy(args + sizeof(head) - 1 + len, "\"}", 3);
    assert_error(&plugin, TOOL, args, HEXMCP_E_TOO_LARGE,
                 "input has 10485761 bytes, but at most 10485760 are taken; shorten it, or put it in a "
                 "file and give path");
    free(args);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_abc),
        cmocka_unit_test(test_blake3_at_the_edges_of_blocks_and_chunks),
        cmocka_unit_test(test_blake3_agrees_with_b3sum),
        cmocka_unit_test(test_threads_share_the_loading_of_openssl),
        cmocka_unit_test(test_empty_and_longer_texts),
        cmocka_unit_test(test_defaults_encodings_and_formats),
        cmocka_unit_test(test_verify),
        cmocka_unit_test(test_errors),
        cmocka_unit_test(test_input_is_bounded),
    };
    cmocka_set_message_output(CM_OUTPUT_TAP);
    return cmocka_run_group_tests(tests, load, unload);
}
