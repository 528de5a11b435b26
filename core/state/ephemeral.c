/* Values that live in the memory of this process. */
#include <stdlib.h>

#include "core/base/error.h"
#include "core/state/inside.h"

static char *full_key(struct str space, struct str key, size_t *len)
{
    char *out = malloc(space.len + 1 + key.len);
    if (out) {
        memcpy(out, space.ptr, space.len);
        out[space.len] = '\n';
        memcpy(out + space.len + 1, key.ptr, key.len);
        *len = space.len + 1 + key.len;
    }
    return out;
}

static void drop(struct state *state, struct ephemeral *e)
{
    str_index_remove(&state->ephemeral, (struct str){e->key, e->key_len});
    state->ephemeral_bytes -= e->key_len + e->stored_len;
    free(e->key);
    free(e->stored);
    free(e);
}

static bool lasts(const struct state *state, const struct ephemeral *e)
{
    return !e->expires_ms || e->expires_ms > state_now(state);
}

struct ephemeral *ephemeral_get(struct state *state, struct str space, struct str key)
{
    size_t len;
    if (!state->ephemeral.count)
        return NULL;
    char *name = full_key(space, key, &len);
    struct ephemeral *e =
        name ? str_index_get(&state->ephemeral, (struct str){name, len}) : NULL;
    free(name);
    if (e && !lasts(state, e)) {
        drop(state, e);
        e = NULL;
    }
    return e;
}

static void drop_ended(struct state *state)
{
    for (size_t i = state->ephemeral.count; i-- > 0;) {
        struct ephemeral *e = state->ephemeral.entries[i].value;
        if (!lasts(state, e))
            drop(state, e);
    }
}

static bool fits(const struct state *state, size_t bytes, const struct ephemeral *old)
{
    uint64_t before = old ? old->key_len + old->stored_len : 0;
    return state->ephemeral_bytes - before + bytes <= state->parts.max_bytes &&
           state->ephemeral.count + (old ? 0 : 1) <= state->parts.max_keys;
}

static struct ephemeral *add(struct state *state, struct str space, struct str key)
{
    struct ephemeral *e = calloc(1, sizeof(*e));
    if (!e)
        return NULL;
    e->key = full_key(space, key, &e->key_len);
    if (!e->key ||
        !str_index_put(&state->ephemeral, (struct str){e->key, e->key_len}, e)) {
        free(e->key);
        free(e);
        return NULL;
    }
    state->ephemeral_bytes += e->key_len;
    return e;
}

int ephemeral_set(struct state *state, struct str space, struct str key, struct str stored,
                  int64_t expires_ms, uint64_t *version, struct error *err)
{
    size_t bytes = space.len + 1 + key.len + stored.len;
    if (!fits(state, bytes, ephemeral_get(state, space, key)))
        drop_ended(state);
    struct ephemeral *e = ephemeral_get(state, space, key);
    if (!fits(state, bytes, e))
        return error_set(err, ST_TOO_LARGE,
                         "ephemeral state may take %llu bytes in %llu keys and would take more; "
                         "remove some of it, or raise state.max_bytes or state.max_keys",
                         (unsigned long long)state->parts.max_bytes,
                         (unsigned long long)state->parts.max_keys);
    char *copy = malloc(stored.len);
    if (copy && !e)
        e = add(state, space, key);
    if (!copy || !e) {
        free(copy);
        return error_set(err, ST_NOMEM, "out of memory");
    }
    memcpy(copy, stored.ptr, stored.len);
    state->ephemeral_bytes += stored.len;
    state->ephemeral_bytes -= e->stored_len;
    free(e->stored);
    e->stored = copy;
    e->stored_len = stored.len;
    e->expires_ms = expires_ms;
    e->version = *version = ++state->ephemeral_version;
    return ST_OK;
}

void ephemeral_remove(struct state *state, struct str space, struct str key)
{
    struct ephemeral *e = ephemeral_get(state, space, key);
    if (e)
        drop(state, e);
}

/* The keys are few: at most those of one quota. */
struct ephemeral *ephemeral_next(struct state *state, struct str space, struct str prefix,
                                 struct str after, struct str *key)
{
    for (size_t i = 0; i < state->ephemeral.count; i++) {
        struct ephemeral *e = state->ephemeral.entries[i].value;
        struct str full = {e->key, e->key_len};
        if (full.len <= space.len || !str_starts(full, space) || full.ptr[space.len] != '\n')
            continue;
        *key = (struct str){full.ptr + space.len + 1, full.len - space.len - 1};
        if (str_starts(*key, prefix) && str_cmp(*key, after) > 0 && lasts(state, e))
            return e;
    }
    return NULL;
}

uint64_t ephemeral_clear(struct state *state, struct str space, struct str prefix)
{
    uint64_t removed = 0;
    struct str key;
    struct ephemeral *e;
    while ((e = ephemeral_next(state, space, prefix, (struct str){NULL, 0}, &key))) {
        drop(state, e);
        removed++;
    }
    return removed;
}

void ephemeral_free_all(struct state *state)
{
    while (state->ephemeral.count)
        drop(state, state->ephemeral.entries[state->ephemeral.count - 1].value);
    str_index_clear(&state->ephemeral);
}
