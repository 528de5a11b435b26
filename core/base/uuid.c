#include "core/base/uuid.h"
#include "core/base/hex.h"

/* The counter is the 12 bits before the variant and 14 after it. It begins below half of its range. */
#define COUNTER_BITS 26u
#define LOW_BITS 14u
#define COUNTER_BEGIN (((uint32_t)1 << (COUNTER_BITS - 1)) - 1)

/* Random bytes of one UUID: 4 for the beginning of the counter, 6 for the end of the UUID. */
#define RANDOM_BYTES 10u

static int draw(struct uuid_source *source, const struct random_port *random, const uint8_t **out,
                struct error *err)
{
    if (source->left < RANDOM_BYTES) {
        int rc = random->fill(random->ctx, source->pool, sizeof(source->pool), err);
        if (rc)
            return rc;
        source->left = sizeof(source->pool);
    }
    source->left -= RANDOM_BYTES;
    *out = source->pool + source->left;
    return ST_OK;
}

static void step(struct uuid_source *source, int64_t now_ms, const uint8_t *random)
{
    uint32_t begin = ((uint32_t)random[0] << 24 | (uint32_t)random[1] << 16 |
                      (uint32_t)random[2] << 8 | random[3]) & COUNTER_BEGIN;
    if (now_ms > source->last_ms) {
        source->last_ms = now_ms;
        source->counter = begin;
    } else if (++source->counter >> COUNTER_BITS) {
        source->last_ms++;
        source->counter = begin;
    }
}

static void write_text(const uint8_t bytes[16], char out[UUID_TEXT_SIZE])
{
    for (size_t i = 0; i < 16; i++, out += 2) {
        if (i == 4 || i == 6 || i == 8 || i == 10)
            *out++ = '-';
        hex_write(bytes + i, 1, out);
    }
    *out = '\0';
}

int uuid_next(struct uuid_source *source, const struct clock_port *clock,
              const struct random_port *random, char out[UUID_TEXT_SIZE], struct error *err)
{
    uint8_t bytes[16];
    const uint8_t *drawn;
    int rc = draw(source, random, &drawn, err);
    if (rc)
        return rc;
    step(source, clock->wall_ms(clock->ctx), drawn);
    for (unsigned i = 0; i < 6; i++)
        bytes[i] = (uint8_t)((uint64_t)source->last_ms >> (40 - 8 * i));
    uint32_t high = source->counter >> LOW_BITS, low = source->counter & ((1u << LOW_BITS) - 1);
    bytes[6] = (uint8_t)(0x70 | high >> 8);
    bytes[7] = (uint8_t)high;
    bytes[8] = (uint8_t)(0x80 | low >> 8);
    bytes[9] = (uint8_t)low;
    memcpy(bytes + 10, drawn + 4, 6);
    write_text(bytes, out);
    return ST_OK;
}

bool uuid_valid(struct str text)
{
    if (text.len != UUID_LENGTH)
        return false;
    for (size_t i = 0; i < UUID_LENGTH; i++) {
        bool dash = i == 8 || i == 13 || i == 18 || i == 23;
        if (dash ? text.ptr[i] != '-' : hex_digit(text.ptr[i]) < 0)
            return false;
    }
    return true;
}
