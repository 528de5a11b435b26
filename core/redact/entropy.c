/* Pieces of text that look drawn at random. */
#include "core/redact/inside.h"

#define RANDOM_MIN 24
#define RANDOM_MAX 128 /* longer ones are data in base64 rather than keys */

/* Binary logarithm times 1,024. */
static uint32_t log2_scaled(uint32_t n)
{
    uint32_t whole = 31u - (uint32_t)__builtin_clz(n), part = 0;
    uint64_t x = ((uint64_t)n << 30) >> whole; /* 1 to 2, times 2^30 */
    for (uint32_t bit = 512; bit; bit >>= 1) {
        x = x * x >> 30;
        if (x >= (uint64_t)2 << 30) {
            x >>= 1;
            part |= bit;
        }
    }
    return whole * 1024 + part;
}

/* Bits per character times 1,024. */
static uint32_t shannon(struct str piece)
{
    uint8_t counts[128] = {0};
    uint64_t sum = 0;
    for (size_t i = 0; i < piece.len; i++)
        counts[(unsigned char)piece.ptr[i] & 127]++;
    for (size_t i = 0; i < 128; i++)
        if (counts[i])
            sum += (uint64_t)counts[i] * log2_scaled(counts[i]);
    return log2_scaled((uint32_t)piece.len) - (uint32_t)(sum / piece.len);
}

static int kind(char c)
{
    return c >= '0' && c <= '9' ? 0 : c >= 'a' && c <= 'z' ? 1 : c >= 'A' && c <= 'Z' ? 2 : 3;
}

bool redact_random(struct str piece)
{
    size_t kinds[4] = {0}, turns = 0;
    if (piece.len < RANDOM_MIN || piece.len > RANDOM_MAX)
        return false;
    for (size_t i = 0; i < piece.len; i++) {
        kinds[kind(piece.ptr[i])]++;
        turns += i && kind(piece.ptr[i]) != kind(piece.ptr[i - 1]);
    }
    /* Words in a row change case seldom and have few digits; digests and UUIDs have one case. */
    return kinds[0] * 10 >= piece.len && kinds[1] >= 2 && kinds[2] >= 2 &&
           turns * 100 >= piece.len * 45 &&
           shannon(piece) >= 3 * 1024 + 512;
}
