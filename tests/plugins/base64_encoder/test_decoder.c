/* The decoder in pieces against itself in one, and against libsodium, which takes a whole text. */
#include "plugins/tools/base64-encoder/decoder.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>
#include <sodium.h>

#define LONG 400

static struct decoder decoder;

struct outcome {
    enum decoder_fault fault;
    uint64_t position;
    size_t len;
    uint8_t bytes[LONG + DECODER_ROOM];
};

/* Feeds pieces of at most `most` characters of random length. */
static void decode(const char *text, size_t len, size_t most, enum decoder_padding padding,
                   struct outcome *out)
{
    decoder_init(&decoder, 0, padding, 1);
    out->len = 0;
    for (size_t at = 0, piece; at < len; at += piece) {
        piece = 1 + (size_t)rand() % most;
        piece = piece < len - at ? piece : len - at;
        out->len += decoder_feed(&decoder, text + at, piece, out->bytes + out->len);
    }
    out->len += decoder_end(&decoder, out->bytes + out->len);
    out->fault = decoder.fault;
    out->position = decoder.position;
}

/* Characters that make both good and bad texts often. */
static size_t random_text(char *text, size_t most)
{
    static const char any[] = "ABCDwxyz0189+/AQgw=\n-";
    size_t len = (size_t)rand() % most;
    size_t good = (size_t)rand() % 2 ? sizeof(any) - 5 : sizeof(any) - 1;
    for (size_t i = 0; i < len; i++)
        text[i] = any[(size_t)rand() % good];
    for (size_t pads = (size_t)rand() % 3; pads > 0 && len > pads; pads--)
        text[len - pads] = '=';
    return len;
}

static void test_pieces_make_no_difference(void **state)
{
    static struct outcome whole, pieces;
    char text[LONG];
    unsigned good = 0;
    (void)state;
    srand(7);
    for (int i = 0; i < 20000; i++) {
        size_t len = random_text(text, i % 2 ? 12 : LONG);
        decode(text, len, LONG, PADDING_FREE, &whole);
        decode(text, len, 5, PADDING_FREE, &pieces);
        assert_int_equal(whole.fault, pieces.fault);
        assert_int_equal(whole.position, pieces.position);
        if (whole.fault != FAULT_NONE)
            continue;
        assert_int_equal(whole.len, pieces.len);
        assert_memory_equal(whole.bytes, pieces.bytes, whole.len);
        good++;
    }
    assert_in_range(good, 2000, 18000); /* both kinds were seen */
}

static void test_agrees_with_libsodium(void **state)
{
    static struct outcome ours;
    char text[40];
    unsigned char theirs[40];
    unsigned good = 0;
    (void)state;
    srand(11);
    for (int i = 0; i < 200000; i++) {
        size_t len = random_text(text, 16), their_len;
        const char *end;
        decode(text, len, 16, PADDING_REQUIRED, &ours);
        int status = sodium_base642bin(theirs, sizeof(theirs), text, len, "\n", &their_len, &end,
                                       sodium_base64_VARIANT_ORIGINAL);
        int whole = status == 0 && end == text + len;
        if (whole != (ours.fault == FAULT_NONE))
            fail_msg("%.*s: %d here, %d there", (int)len, text, (int)ours.fault, status);
        if (!whole)
            continue;
        assert_int_equal(ours.len, their_len);
        assert_memory_equal(ours.bytes, theirs, their_len);
        good++;
    }
    assert_in_range(good, 10000, 190000);
}

static void test_largest_piece(void **state)
{
    static char text[DECODER_PIECE];
    static uint8_t bytes[DECODER_ROOM];
    (void)state;
    memset(text, 'A', sizeof(text));
    decoder_init(&decoder, 0, PADDING_FREE, 1);
    assert_int_equal(decoder_feed(&decoder, text, 3, bytes), 0);
    assert_int_equal(decoder_feed(&decoder, text, sizeof(text), bytes), DECODER_PIECE / 4 * 3);
    assert_int_equal(decoder_end(&decoder, bytes), 2);
    assert_int_equal(decoder.fault, FAULT_NONE);
    assert_int_equal(decoder.position, DECODER_PIECE + 3);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_pieces_make_no_difference),
        cmocka_unit_test(test_agrees_with_libsodium),
        cmocka_unit_test(test_largest_piece),
    };
    cmocka_set_message_output(CM_OUTPUT_TAP);
    return cmocka_run_group_tests(tests, NULL, NULL);
}
