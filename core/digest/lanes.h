/*
 * Several compressions at once; included by compress.c for each kind of processor, with
 *   LANES   how many
 *   TARGET  the attribute of functions that says what the processor has
 *   NAME    makes a name of its own
 * A vector that is longer than the registers of the function that uses it is taken apart into single
 * words before functions are inlined, so each kind needs functions of its own from the start.
 */
#if defined(__clang__) /* it takes minutes over the checks of a few thousand steps in a row */
#define UNCHECKED __attribute__((no_sanitize("undefined")))
#else
#define UNCHECKED
#endif
#define INLINE TARGET UNCHECKED static inline __attribute__((always_inline))
#define lanes NAME(lanes)
#define compress NAME(compress)
#define one_round NAME(one_round)
#define begin NAME(begin)
#define end NAME(end)
#define splat NAME(splat)

/* One 32-bit word of each. */
typedef uint32_t lanes __attribute__((vector_size(4 * LANES)));

INLINE void one_round(lanes v[16], const lanes m[16], const uint8_t s[16])
{
    MIX(v, 0, 4, 8, 12, m[s[0]], m[s[1]]);
    MIX(v, 1, 5, 9, 13, m[s[2]], m[s[3]]);
    MIX(v, 2, 6, 10, 14, m[s[4]], m[s[5]]);
    MIX(v, 3, 7, 11, 15, m[s[6]], m[s[7]]);
    MIX(v, 0, 5, 10, 15, m[s[8]], m[s[9]]);
    MIX(v, 1, 6, 11, 12, m[s[10]], m[s[11]]);
    MIX(v, 2, 7, 8, 13, m[s[12]], m[s[13]]);
    MIX(v, 3, 4, 9, 14, m[s[14]], m[s[15]]);
}

INLINE void splat(lanes *out, uint32_t word)
{
    *out = (lanes){0} + word;
}

/* `counter` has the low words of the counters of the lanes, `high` the high ones. */
INLINE void compress(lanes chain[8], const lanes m[16], const lanes *counter, const lanes *high,
                     uint32_t flags)
{
    lanes v[16];
    for (int i = 0; i < 8; i++)
        v[i] = chain[i];
    for (int i = 0; i < 4; i++)
        splat(&v[8 + i], blake3_iv[i]);
    v[12] = *counter;
    v[13] = *high;
    splat(&v[14], BLAKE3_BLOCK);
    splat(&v[15], flags);
    one_round(v, m, blake3_order[0]);
    one_round(v, m, blake3_order[1]);
    one_round(v, m, blake3_order[2]);
    one_round(v, m, blake3_order[3]);
    one_round(v, m, blake3_order[4]);
    one_round(v, m, blake3_order[5]);
    one_round(v, m, blake3_order[6]);
    for (int i = 0; i < 8; i++)
        chain[i] = v[i] ^ v[i + 8];
}

INLINE void begin(lanes chain[8])
{
    for (int i = 0; i < 8; i++)
        splat(&chain[i], blake3_iv[i]);
}

INLINE void end(const lanes chain[8], uint32_t out[LANES][8])
{
    for (unsigned lane = 0; lane < LANES; lane++)
        for (int i = 0; i < 8; i++)
            out[lane][i] = chain[i][lane];
}

TARGET UNCHECKED static void NAME(chunks)(const uint8_t *data, uint64_t index, uint32_t out[LANES][8])
{
    lanes chain[8], m[16], counter, high;
    begin(chain);
    for (unsigned lane = 0; lane < LANES; lane++) {
        counter[lane] = (uint32_t)(index + lane);
        high[lane] = (uint32_t)((index + lane) >> 32);
    }
    for (unsigned at = 0; at < BLAKE3_CHUNK; at += BLAKE3_BLOCK) {
        uint32_t flags = (at == 0 ? BLAKE3_CHUNK_START : 0) |
                         (at == BLAKE3_CHUNK - BLAKE3_BLOCK ? BLAKE3_CHUNK_END : 0);
        for (unsigned word = 0; word < 16; word++) {
            const uint8_t *from = data + at + (size_t)4 * word;
            for (unsigned lane = 0; lane < LANES; lane++)
                m[word][lane] = blake3_load(from + (size_t)lane * BLAKE3_CHUNK);
        }
        compress(chain, m, &counter, &high, flags);
    }
    end(chain, out);
}

TARGET UNCHECKED static void NAME(parents)(uint32_t children[2 * LANES][8], uint32_t out[LANES][8])
{
    lanes chain[8], m[16];
    const lanes zero = {0};
    begin(chain);
    for (unsigned word = 0; word < 16; word++)
        for (unsigned lane = 0; lane < LANES; lane++)
            m[word][lane] = children[2 * lane + word / 8][word % 8];
    compress(chain, m, &zero, &zero, BLAKE3_PARENT);
    end(chain, out);
}

#undef INLINE
#undef UNCHECKED
#undef lanes
#undef compress
#undef one_round
#undef begin
#undef end
#undef splat
#undef LANES
#undef TARGET
#undef NAME
