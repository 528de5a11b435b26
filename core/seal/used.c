#include "core/seal/used.h"

#include <stdlib.h>
#include <string.h>

#define FIRST_CAP 64u
#define USED_FREE INT64_MIN

void used_clear(struct used_tokens *used)
{
    free(used->slots);
    free(used->heap);
    *used = (struct used_tokens){0};
}

/* Nonces are random and come from tokens that we sealed, so they are their own hash. */
static uint32_t home(const struct used_tokens *used, const struct seal_nonce *nonce)
{
    uint32_t hash;
    memcpy(&hash, nonce->bytes, sizeof(hash));
    return hash & (2 * used->cap - 1);
}

/* Where it is, or the free slot where it would be. */
static uint32_t place(const struct used_tokens *used, const struct seal_nonce *nonce)
{
    uint32_t at = home(used, nonce);
    while (used->slots[at].expiry_ms != USED_FREE &&
           memcmp(used->slots[at].bytes, nonce->bytes, SEAL_NONCE_BYTES) != 0)
        at = (at + 1) & (2 * used->cap - 1);
    return at;
}

bool used_holds(const struct used_tokens *used, const struct seal_nonce *nonce)
{
    return used->cap && used->slots[place(used, nonce)].expiry_ms != USED_FREE;
}

/* Moves back whatever the hole would cut off from its home. */
static void remove_slot(struct used_tokens *used, const struct seal_nonce *nonce)
{
    uint32_t mask = 2 * used->cap - 1;
    uint32_t hole = place(used, nonce);
    for (uint32_t at = (hole + 1) & mask; used->slots[at].expiry_ms != USED_FREE;
         at = (at + 1) & mask) {
        uint32_t from_home = (at - home(used, &used->slots[at])) & mask;
        if (from_home >= ((at - hole) & mask)) {
            used->slots[hole] = used->slots[at];
            hole = at;
        }
    }
    used->slots[hole].expiry_ms = USED_FREE;
}

static void sift_up(struct seal_nonce *heap, uint32_t at)
{
    struct seal_nonce moved = heap[at];
    for (; at && heap[(at - 1) / 2].expiry_ms > moved.expiry_ms; at = (at - 1) / 2)
        heap[at] = heap[(at - 1) / 2];
    heap[at] = moved;
}

static void sift_down(struct seal_nonce *heap, uint32_t count)
{
    struct seal_nonce moved = heap[0];
    uint32_t at = 0;
    for (uint32_t child = 1; child < count; child = 2 * at + 1) {
        if (child + 1 < count && heap[child + 1].expiry_ms < heap[child].expiry_ms)
            child++;
        if (heap[child].expiry_ms >= moved.expiry_ms)
            break;
        heap[at] = heap[child];
        at = child;
    }
    heap[at] = moved;
}

void used_expire(struct used_tokens *used, int64_t now_ms)
{
    while (used->count && used->heap[0].expiry_ms <= now_ms) {
        remove_slot(used, &used->heap[0]);
        used->heap[0] = used->heap[--used->count];
        sift_down(used->heap, used->count);
    }
}

static bool grow(struct used_tokens *used)
{
    uint32_t cap = used->cap ? 2 * used->cap : FIRST_CAP;
    struct seal_nonce *heap = realloc(used->heap, cap * sizeof(*heap));
    if (heap)
        used->heap = heap;
    struct seal_nonce *slots = heap ? malloc(2 * cap * sizeof(*slots)) : NULL;
    if (!slots)
        return false;
    for (uint32_t i = 0; i < 2 * cap; i++)
        slots[i].expiry_ms = USED_FREE;
    free(used->slots);
    used->slots = slots;
    used->cap = cap;
    for (uint32_t i = 0; i < used->count; i++)
        slots[place(used, &heap[i])] = heap[i];
    return true;
}

bool used_add(struct used_tokens *used, const struct seal_nonce *nonce)
{
    if (used->count == used->cap && !grow(used))
        return false;
    used->slots[place(used, nonce)] = *nonce;
    used->heap[used->count] = *nonce;
    sift_up(used->heap, used->count++);
    return true;
}
