#include <pthread.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <string.h>

#include <cmocka.h>

#include "plugins/tools/uuid-generator/time_uuid.h"

/* RFC 9562, A.1: 2022-02-22 19:22:22.000 UTC. */
static void v1_matches_the_rfc(void **state)
{
    const uint8_t random[8] = {0x33, 0xC8, 0x9E, 0x6B, 0xDE, 0xCE, 0xD8, 0x46};
    const uint8_t expected[16] = {0xC2, 0x32, 0xAB, 0x00, 0x94, 0x14, 0x11, 0xEC,
                                  0xB3, 0xC8, 0x9F, 0x6B, 0xDE, 0xCE, 0xD8, 0x46};
    uuid_t uuid;
    (void)state;
    uuid_v1_from(UINT64_C(138648505420000000), random, uuid);
    assert_memory_equal(uuid, expected, 16);
    assert_int_equal(uuid_time_ms(uuid), INT64_C(1645557742000));
}

/* RFC 9562, A.6: the same time; rand_a is the part of a millisecond here. */
static void v7_matches_the_rfc(void **state)
{
    const uint8_t random[8] = {0x18, 0xC4, 0xDC, 0x0C, 0x0C, 0x07, 0x39, 0x8F};
    const uint8_t expected[16] = {0x01, 0x7F, 0x22, 0xE2, 0x79, 0xB0, 0x7C, 0xC3,
                                  0x98, 0xC4, 0xDC, 0x0C, 0x0C, 0x07, 0x39, 0x8F};
    uuid_t uuid;
    (void)state;
    uuid_v7_from(UINT64_C(0x017F22E279B0) << 12 | 0xCC3, random, uuid);
    assert_memory_equal(uuid, expected, 16);
    assert_int_equal(uuid_time_ms(uuid), INT64_C(1645557742000));
}

static void ticks_use_all_sixty_bits(void **state)
{
    const uint8_t random[8] = {0xFF, 0xFF, 0xFF, 0xFF, 0xFF, 0xFF, 0xFF, 0xFF};
    const uint8_t v1[16] = {0xFF, 0xFF, 0xFF, 0xFF, 0xFF, 0xFF, 0x1F, 0xFF,
                            0xBF, 0xFF, 0xFF, 0xFF, 0xFF, 0xFF, 0xFF, 0xFF};
    uuid_t uuid;
    (void)state;
    uuid_v1_from(UINT64_C(0x0FFFFFFFFFFFFFFF), random, uuid);
    assert_memory_equal(uuid, v1, 16);
    uuid_v7_from(UINT64_C(0x0FFFFFFFFFFFFFFF), random, uuid);
    assert_int_equal(uuid[6], 0x7F);
    assert_int_equal(uuid_time_ms(uuid), INT64_C(0xFFFFFFFFFFFF));
}

#define PER_THREAD 2000

static void *make_rising(void *arg)
{
    uuid_t *made = arg;
    for (int i = 0; i < PER_THREAD; i++)
        if (uuid_v7_new(made[i]) < 0 || (i > 0 && memcmp(made[i - 1], made[i], 16) >= 0))
            return NULL;
    return arg;
}

static void threads_never_get_the_same_tick(void **state)
{
    static uuid_t made[2][PER_THREAD];
    pthread_t threads[2];
    void *result;
    (void)state;
    for (int i = 0; i < 2; i++)
        assert_int_equal(pthread_create(&threads[i], NULL, make_rising, made[i]), 0);
    for (int i = 0; i < 2; i++) {
        pthread_join(threads[i], &result);
        assert_non_null(result);
    }
    for (int a = 0, b = 0; a < PER_THREAD && b < PER_THREAD;) {
        int order = memcmp(made[0][a], made[1][b], 8); /* time and version, nothing random */
        assert_int_not_equal(order, 0);
        if (order < 0)
            a++;
        else
            b++;
    }
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(v1_matches_the_rfc),
        cmocka_unit_test(v7_matches_the_rfc),
        cmocka_unit_test(ticks_use_all_sixty_bits),
        cmocka_unit_test(threads_never_get_the_same_tick),
    };
    cmocka_set_message_output(CM_OUTPUT_TAP);
    return cmocka_run_group_tests_name("time-uuid", tests, NULL, NULL);
}
