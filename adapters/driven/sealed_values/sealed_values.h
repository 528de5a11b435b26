/*
 * A store of values that encrypts those of chosen spaces and compresses long ones on their way into
 * another store (ports/driven/key_value_store.h), and gives back what was put in. What lies in that
 * store without having come through here is given as it is.
 *
 * Each space has a key of its own, derived from a master key; a value is bound to its space and its key
 * in it, so that one that was moved or changed is refused. The header names the master key: several may
 * be known, one encrypts (docs/adr/ has the format and why). libsodium, zstd and the master keys are
 * loaded when they are first needed.
 *
 * All [loop].
 */
#pragma once

#include "core/base/error.h"
#include "ports/driven/key_value_store.h"

/* Values longer than this are compressed where that makes them shorter. */
#define SEALED_COMPRESS_MIN ((size_t)1024)

/* The space in which the names of spaces with encrypted values are keys. */
#define SEALED_SPACES "sealed"

struct sealed_values;

struct sealed_values_options {
    const struct key_value_store *store; /* outlives it */
    const char *modules;                 /* the folder of the program's modules; borrowed         */
    struct str keys;   /* encryption.keys: {id: {"env"|"file"|"keyring": where}, ...}              */
    struct str key;    /* encryption.key: the id of the one that encrypts; empty: there is but one  */
    struct str scopes; /* encryption.scopes: scopes of state whose values are all encrypted          */
};

/* ST_CONFIG names the setting and what is wrong with it. Keys are not read yet. */
int sealed_values_new(const struct sealed_values_options *options, struct sealed_values **out,
                      struct error *err);

/* NULL is allowed. The store has told all that was asked. */
void sealed_values_free(struct sealed_values *s);

/* Encrypts by space. Both live as long as `s`. */
const struct key_value_store *sealed_values_port(struct sealed_values *s);

/* Encrypts all; NULL if no key is configured. */
const struct key_value_store *sealed_values_sealing(struct sealed_values *s);

struct sealed_rotation {
    uint64_t spaces, values;  /* looked at */
    uint64_t rotated;         /* encrypted anew */
};

/* Encrypts anew what is encrypted with another key than encryption.key, and what is in clear in a space
 * that is to be encrypted; page by page, while the store is used. Other keys are not needed afterwards. `progress` may be NULL. ST_CONFIG: there is no key. ST_UNAVAILABLE: a value's key is not
 * known; what was rotated stays so. */
void sealed_values_rotate(struct sealed_values *s,
                          void (*progress)(void *arg, const struct sealed_rotation *so_far),
                          void (*done)(void *arg, const struct error *err,
                                       const struct sealed_rotation *r),
                          void *arg);
