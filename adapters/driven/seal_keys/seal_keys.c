#include "adapters/driven/seal_keys/seal_keys.h"

#include <stdlib.h>

struct seal_keys {
    const struct random_port *random;
    struct seal_keys_port port;
    struct seal_key key; /* id 0: not made yet */
};

static int current(void *ctx, struct seal_key *out, struct error *err)
{
    struct seal_keys *keys = ctx;
    struct seal_key *key = &keys->key;
    if (key->id == 0) {
        int rc = keys->random->fill(keys->random->ctx, key->bytes, sizeof(key->bytes), err);
        if (rc)
            return rc;
        key->id = 1;
    }
    *out = *key;
    return ST_OK;
}

static bool find(void *ctx, uint32_t id, struct seal_key *out)
{
    struct seal_keys *keys = ctx;
    if (id == 0 || id != keys->key.id)
        return false;
    *out = keys->key;
    return true;
}

struct seal_keys *seal_keys_new(const struct random_port *random)
{
    struct seal_keys *keys = calloc(1, sizeof(*keys));
    if (!keys)
        return NULL;
    keys->random = random;
    keys->port = (struct seal_keys_port){.ctx = keys, .current = current, .find = find};
    return keys;
}

void seal_keys_free(struct seal_keys *keys)
{
    free(keys);
}

const struct seal_keys_port *seal_keys_port(struct seal_keys *keys)
{
    return &keys->port;
}
