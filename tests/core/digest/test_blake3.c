/* BLAKE3 against the program b3sum, at all lengths of the published test vectors and around the sizes
 * at which this code changes its way, and against itself when the bytes come in other pieces. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include <cmocka.h>

#include "core/base/str.h"
#include "core/digest/blake3.h"
#include "core/digest/compress.h"

/* The lengths of the published vectors, then ours. Their input repeats 0, 1, ... 250. */
static const size_t lengths[] = {
    0,     1,     2,     3,     4,     5,     6,     7,     8,      63,     64,     65,
    127,   128,   129,   1023,  1024,  1025,  2048,  2049,  3072,   3073,   4096,   4097,
    5120,  5121,  6144,  6145,  7168,  7169,  8192,  8193,  16384,  31744,  102400,
    65535, 65536, 65537, 66560, 66561, 131072, 131073, 196608, 196609, 1000003, 4194305};
#define LENGTHS (sizeof(lengths) / sizeof(lengths[0]))
#define LONGEST 4194305

static uint8_t input[LONGEST];

static int fill(void **state)
{
    (void)state;
    for (size_t i = 0; i < LONGEST; i++)
        input[i] = (uint8_t)(i % 251);
    return 0;
}

static void hash(size_t len, char text[BLAKE3_TEXT_SIZE])
{
    uint8_t digest[BLAKE3_BYTES];
    blake3((struct str){(const char *)input, len}, digest);
    blake3_text(digest, text);
}

/* From the published vectors. */
static void test_published(void **state)
{
    char text[BLAKE3_TEXT_SIZE];
    (void)state;
    hash(0, text);
    assert_string_equal(text,
                        "blake3:af1349b9f5f9a1a6a0404dea36dcc9499bcb25c9adc112b7cc9a93cae41f3262");
    hash(1, text);
    assert_string_equal(text,
                        "blake3:2d3adedff11b61f14c886e35afa036736dcd87a74d27b5c1510225d0f592e213");
    hash(1024, text);
    assert_string_equal(text,
                        "blake3:42214739f095a406f3fc83deb889744ac00df831c10daa55189b5d121c855af7");
    hash(102400, text);
    assert_string_equal(text,
                        "blake3:bc3e3d41a1146b069abffad3c0d44860cf664390afce4d9661f7902e7943e085");
}

/* False if there is no such program. */
static int ask_b3sum(size_t len, char digits[65])
{
    char path[] = "/tmp/hexmcp-blake3-XXXXXX", command[100];
    int fd = mkstemp(path);
    assert_true(fd >= 0);
    FILE *file = fdopen(fd, "wb");
    assert_int_equal(fwrite(input, 1, len, file), len);
    assert_int_equal(fclose(file), 0);
    snprintf(command, sizeof(command), "b3sum --no-names %s 2>/dev/null", path);
    FILE *answer = popen(command, "r");
    size_t got = fread(digits, 1, 64, answer);
    digits[got] = '\0';
    int status = pclose(answer);
    unlink(path);
    return status == 0 && got == 64;
}

static void test_agrees_with_b3sum(void **state)
{
    (void)state;
    for (size_t i = 0; i < LENGTHS; i++) {
        char digits[65], text[BLAKE3_TEXT_SIZE];
        if (!ask_b3sum(lengths[i], digits)) {
            print_message("# skipped: the program b3sum is not installed\n");
            skip();
        }
        hash(lengths[i], text);
        assert_string_equal(text + 7, digits);
    }
}

static uint64_t next_random(uint64_t *state)
{
    *state = *state * 6364136223846793005u + 1442695040888963407u;
    return *state >> 33;
}

static void test_pieces(void **state)
{
    uint64_t random = 1;
    (void)state;
    for (int run = 0; run < 300; run++) {
        size_t len = next_random(&random) % 400000;
        size_t most = (size_t)1 << (1 + next_random(&random) % 18);
        struct blake3 pieces;
        uint8_t whole[BLAKE3_BYTES], split[BLAKE3_BYTES];
        blake3((struct str){(const char *)input, len}, whole);
        blake3_init(&pieces);
        for (size_t at = 0; at < len;) {
            size_t part = next_random(&random) % most + 1;
            part = part < len - at ? part : len - at;
            blake3_update(&pieces, input + at, part);
            at += part;
        }
        blake3_final(&pieces, split);
        assert_memory_equal(split, whole, BLAKE3_BYTES);
    }
}

/* The digest so far does not disturb what follows. */
static void test_final_goes_on(void **state)
{
    struct blake3 pieces;
    uint8_t digest[BLAKE3_BYTES], whole[BLAKE3_BYTES];
    (void)state;
    blake3_init(&pieces);
    blake3_update(&pieces, input, 70000);
    blake3_final(&pieces, digest);
    blake3_update(&pieces, input + 70000, 130000);
    blake3_final(&pieces, digest);
    blake3((struct str){(const char *)input, 200000}, whole);
    assert_memory_equal(digest, whole, BLAKE3_BYTES);
}

/* What the processor of a user may lack gives the same as what it has. */
static void test_shorter_registers(void **state)
{
    uint32_t some[2 * BLAKE3_LANES][8], other[2 * BLAKE3_LANES][8];
    (void)state;
    for (uint64_t index = 0; index < UINT64_C(0x300000000); index += UINT64_C(0xfffffff8)) {
        blake3_chunks(input + 1, index, some);
        blake3_chunks(input + 8193, index, some + BLAKE3_LANES);
        blake3_chunks_4(input + 1, index, other);
        blake3_chunks_4(input + 8193, index, other + BLAKE3_LANES);
        assert_memory_equal(some, other, sizeof(some));
        blake3_parents(some, some);
        blake3_parents_4(other, other);
        assert_memory_equal(some, other, sizeof(some));
    }
}

static void test_text(void **state)
{
    char text[BLAKE3_TEXT_SIZE], again[BLAKE3_TEXT_SIZE];
    uint8_t digest[BLAKE3_BYTES];
    (void)state;
    hash(3, text);
    assert_true(blake3_parse(str_from(text), digest));
    blake3_text(digest, again);
    assert_string_equal(again, text);
    assert_true(blake3_parse(str_from(text), NULL));
    assert_false(blake3_parse((struct str){text, 70}, NULL));
    text[20] = 'A';
    assert_false(blake3_parse(str_from(text), NULL));
    text[20] = 'g';
    assert_false(blake3_parse(str_from(text), NULL));
    memcpy(again, "sha256:", 7);
    assert_false(blake3_parse(str_from(again), NULL));
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_published),   cmocka_unit_test(test_agrees_with_b3sum),
        cmocka_unit_test(test_pieces),      cmocka_unit_test(test_final_goes_on),
        cmocka_unit_test(test_shorter_registers), cmocka_unit_test(test_text),
    };
    cmocka_set_message_output(CM_OUTPUT_TAP);
    return cmocka_run_group_tests(tests, fill, NULL);
}
