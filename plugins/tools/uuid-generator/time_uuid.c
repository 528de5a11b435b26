#include "time_uuid.h"

#include <stdatomic.h>
#include <string.h>
#include <sys/random.h>
#include <time.h>

/* From 1582-10-15 to 1970-01-01, in units of 100 ns. */
#define GREGORIAN_OFFSET UINT64_C(0x01B21DD213814000)

static void put_big_endian(uint8_t *out, uint64_t value, unsigned bytes)
{
    for (unsigned i = 0; i < bytes; i++)
        out[i] = (uint8_t)(value >> (8 * (bytes - 1 - i)));
}

static uint64_t get_big_endian(const uint8_t *in, unsigned bytes)
{
    uint64_t value = 0;
    for (unsigned i = 0; i < bytes; i++)
        value = value << 8 | in[i];
    return value;
}

static void put_variant(uint8_t *byte)
{
    *byte = (uint8_t)((*byte & 0x3F) | 0x80);
}

void uuid_v1_from(uint64_t ticks, const uint8_t random[8], uuid_t out)
{
    put_big_endian(out, ticks & 0xFFFFFFFF, 4);
    put_big_endian(out + 4, (ticks >> 32) & 0xFFFF, 2);
    put_big_endian(out + 6, ((ticks >> 48) & 0x0FFF) | 0x1000, 2);
    memcpy(out + 8, random, 8);
    put_variant(out + 8);
    out[10] |= 0x01; /* a multicast address: no network card has it */
}

void uuid_v7_from(uint64_t ticks, const uint8_t random[8], uuid_t out)
{
    put_big_endian(out, (ticks >> 12) & UINT64_C(0xFFFFFFFFFFFF), 6);
    put_big_endian(out + 6, (ticks & 0x0FFF) | 0x7000, 2);
    memcpy(out + 8, random, 8);
    put_variant(out + 8);
}

/* The next tick: now, or one more than the last if the clock has not moved on. */
static uint64_t take_tick(_Atomic uint64_t *last, uint64_t now)
{
    uint64_t before = atomic_load(last), next;
    do {
        next = now > before ? now : before + 1;
    } while (!atomic_compare_exchange_weak(last, &before, next));
    return next;
}

static int random_bytes(uint8_t out[8])
{
    return getrandom(out, 8, 0) == 8 ? 0 : -1;
}

int uuid_v1_new(uuid_t out)
{
    static _Atomic uint64_t last;
    struct timespec t;
    uint8_t random[8];
    if (random_bytes(random) < 0)
        return -1;
    clock_gettime(CLOCK_REALTIME, &t);
    uint64_t now = (uint64_t)t.tv_sec * 10000000 + (uint64_t)t.tv_nsec / 100 + GREGORIAN_OFFSET;
    uuid_v1_from(take_tick(&last, now), random, out);
    return 0;
}

int uuid_v7_new(uuid_t out)
{
    static _Atomic uint64_t last;
    struct timespec t;
    uint8_t random[8];
    if (random_bytes(random) < 0)
        return -1;
    clock_gettime(CLOCK_REALTIME, &t);
    uint64_t ms = (uint64_t)t.tv_sec * 1000 + (uint64_t)t.tv_nsec / 1000000;
    uint64_t part = (uint64_t)t.tv_nsec % 1000000 * 4096 / 1000000;
    uuid_v7_from(take_tick(&last, ms << 12 | part), random, out);
    return 0;
}

int64_t uuid_time_ms(const uuid_t uuid)
{
    if (uuid[6] >> 4 == 7)
        return (int64_t)get_big_endian(uuid, 6);
    uint64_t ticks = (get_big_endian(uuid + 6, 2) & 0x0FFF) << 48 | get_big_endian(uuid + 4, 2) << 32 |
                     get_big_endian(uuid, 4);
    return ((int64_t)ticks - (int64_t)GREGORIAN_OFFSET) / 10000;
}
