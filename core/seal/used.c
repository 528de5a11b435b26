#include "core/seal/used.h"

#include <stdlib.h>
#include <string.h>

/* Nonces are random, so some of their bytes are hash enough. */
static size_t place_of(const struct used_nonces *used, const struct seal_nonce *nonce)
{
    size_t place;
    memcpy(&place, nonce->bytes, sizeof(place));
    place &= used->cap - 1;
    while (used->slots[place].expiry_ms &&
           memcmp(used->slots[place].bytes, nonce->bytes, SEAL_NONCE_BYTES) != 0)
        place = (place + 1) & (used->cap - 1);
    return place;
}

static size_t alive(const struct used_nonces *used, int64_t now_ms)
{
    size_t count = 0;
    for (size_t i = 0; i < used->cap; i++)
        count += used->slots[i].expiry_ms > now_ms;
    return count;
}

/* Moves what has not expired into a table that is at most half full after one more. */
static int rebuild(struct used_nonces *used, int64_t now_ms)
{
    size_t count = alive(used, now_ms);
    struct used_nonces fresh = {.cap = 64};
    if (count >= SEAL_USED_MAX)
        return ST_BUSY;
    while (fresh.cap < 4 * (count + 1))
        fresh.cap *= 2;
    fresh.slots = calloc(fresh.cap, sizeof(*fresh.slots));
    if (!fresh.slots)
        return ST_NOMEM;
    for (size_t i = 0; i < used->cap; i++) {
        if (used->slots[i].expiry_ms <= now_ms)
            continue;
        fresh.slots[place_of(&fresh, &used->slots[i])] = used->slots[i];
        fresh.count++;
    }
    free(used->slots);
    *used = fresh;
    return ST_OK;
}

int used_nonces_add(struct used_nonces *used, const struct seal_nonce *nonce, int64_t now_ms)
{
    if (used->cap == 0 || 2 * (used->count + 1) > used->cap) {
        int rc = rebuild(used, now_ms);
        if (rc)
            return rc;
    }
    struct seal_nonce *slot = &used->slots[place_of(used, nonce)];
    if (slot->expiry_ms)
        return ST_DENIED;
    *slot = *nonce;
    used->count++;
    return ST_OK;
}

void used_nonces_clear(struct used_nonces *used)
{
    free(used->slots);
}
