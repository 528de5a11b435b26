/* Inside of adapters/driven/sealed_values. */
#pragma once

#include "adapters/driven/secret_store/secret_store.h"
#include "adapters/driven/sealed_values/backend.h"
#include "adapters/driven/sealed_values/header.h"
#include "adapters/driven/sealed_values/sealed_values.h"
#include "core/base/str_index.h"

#define MASTERS_MAX 16

struct master {
    char id[SEALED_ID_MAX + 1];
    bool read;
    uint8_t bytes[SEAL_MASTER_BYTES];
};

/* The keys of the configuration. */
struct masters {
    struct secret_store *sources;
    struct master list[MASTERS_MAX];
    size_t count;
    size_t current; /* the one that encrypts */
};

int masters_new(struct str setting, struct str key, struct masters *out, struct error *err);
void masters_free(struct masters *m);

/* Reads the key if it was not read. ST_UNAVAILABLE: the configuration does not name it, or its source has
 * no key. */
int masters_find(struct masters *m, struct str id, const struct master **out, struct error *err);

/* Who asks: the port that encrypts by space, or the one that encrypts all. */
struct face {
    struct sealed_values *s;
    bool all;
};

struct sealed_values {
    const struct key_value_store *store;
    const char *modules;
    struct masters masters;
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
