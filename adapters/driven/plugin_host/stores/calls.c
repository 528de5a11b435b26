#include <stdlib.h>
#include <string.h>

#include "adapters/driven/plugin_host/stores/store.h"

#define SLOT_BITS 20
#define SLOT_MASK ((1u << SLOT_BITS) - 1)

_Static_assert(STORE_CALLS_MAX <= SLOT_MASK, "slots fit into an id");

/* Other threads look into the array. */
static bool grow(struct stores *s)
{
    size_t cap = s->cap ? s->cap * 2 : 16;
    struct store_call **calls = cap <= STORE_CALLS_MAX ? malloc(cap * sizeof(*calls)) : NULL;
    if (!calls)
        return false;
    if (s->count)
        memcpy(calls, s->calls, s->count * sizeof(*calls));
    pthread_mutex_lock(&s->host->lock);
    struct store_call **old = s->calls;
    s->calls = calls;
    s->cap = cap;
    pthread_mutex_unlock(&s->host->lock);
    free(old);
    return true;
}

static bool add(struct stores *s)
{
    if (s->count == s->cap && !grow(s))
        return false;
    struct store_call *call = calloc(1, sizeof(*call));
    if (!call)
        return false;
    call->slot = (uint32_t)s->count;
    s->free = call;
    pthread_mutex_lock(&s->host->lock);
    s->calls[s->count++] = call;
    pthread_mutex_unlock(&s->host->lock);
    return true;
}

struct store_call *store_call_take(struct stores *s, struct plugin *p, enum store_op op,
                                   const struct store_sink *sink)
{
    if (!s->free && !add(s))
        return NULL;
    struct store_call *call = s->free;
    s->free = call->next_free;
    s->open++;
    call->plugin = p;
    call->op = op;
    call->sink = *sink;
    call->taken = NULL;
    call->paused = call->telling = false;
    pthread_mutex_lock(&s->host->lock);
    call->inside = true;
    call->answered = call->cancelled = false;
    call->status = ST_OK;
    call->answer = NULL;
    call->pieces = NULL;
    call->pieces_end = &call->pieces;
    call->waiting = 0;
    call->drained = NULL;
    call->id = (uint64_t)1 << 62 | ++call->uses << SLOT_BITS | call->slot;
    pthread_mutex_unlock(&s->host->lock);
    return call;
}

struct store_call *store_call_find(const struct stores *s, uint64_t id)
{
    size_t slot = id & SLOT_MASK;
    struct store_call *call = store_call_is(id) && slot < s->count ? s->calls[slot] : NULL;
    return call && call->id == id ? call : NULL;
}

void store_call_end(struct stores *s, struct store_call *call)
{
    pthread_mutex_lock(&s->host->lock);
    call->id = 0;
    pthread_mutex_unlock(&s->host->lock);
    s->open--;
}

static void pieces_free(struct store_piece *piece)
{
    while (piece) {
        struct store_piece *next = piece->next;
        free(piece);
        piece = next;
    }
}

void store_call_free(struct stores *s, struct store_call *call)
{
    free(call->answer);
    pieces_free(call->pieces);
    pieces_free(call->taken);
    call->answer = NULL;
    call->pieces = call->taken = NULL;
    call->next_free = s->free;
    s->free = call;
}
