/* Inside of adapters/driven/sealed_values. */
#pragma once

#include "adapters/driven/encryption_keys/encryption_keys.h"
#include "adapters/driven/sealed_values/backend.h"
#include "adapters/driven/sealed_values/header.h"
#include "adapters/driven/sealed_values/sealed_values.h"
#include "core/base/str_index.h"

_Static_assert(SEAL_MASTER_BYTES == ENCRYPTION_KEY_BYTES && SEALED_ID_MAX == ENCRYPTION_ID_MAX,
               "one kind of key");

/* Who asks: the port that encrypts by space, or the one that encrypts all. */
struct face {
    struct sealed_values *s;
    bool all;
};

struct sealed_values {
    const struct key_value_store *store;
    const char *modules;
    struct encryption_keys keys;
    bool scopes[8]; /* enum state_scope */
    bool any_scope;
    struct seal_backend backend;
    bool loaded;
    struct key_value_store by_space, all;
    struct face by_space_ctx, all_ctx;
    struct str_index marked; /* spaces whose names are in SEALED_SPACES; the key is the value too  */
};

/* Loads the module if it was not loaded. */
int sealed_load(struct sealed_values *s, struct error *err);

/* True if values of the space are to be encrypted. */
bool sealed_space(const struct sealed_values *s, struct str space);

/* Appends the value as it is to be stored. */
int sealed_close(struct sealed_values *s, struct str space, struct str key, bool encrypt,
                 struct str value, struct buffer *out, struct error *err);

/* *out is `value` itself, or what was appended to `memory`. ST_PROTOCOL, ST_UNAVAILABLE, ST_DENIED: the
 * text names space and key. */
int sealed_open(struct sealed_values *s, struct str space, struct str key, struct str value,
                struct buffer *memory, struct str *out, struct error *err);
