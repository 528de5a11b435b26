/*
 * The keys of the settings encryption.keys and encryption.key: {id: {"env"|"file"|"keyring": where}}, each
 * 64 hexadecimal digits. A key is read from its source when it is first needed.
 *
 * One thread at a time.
 */
#pragma once

#include "adapters/driven/secret_store/secret_store.h"
#include "core/base/error.h"

#define ENCRYPTION_KEY_BYTES 32
#define ENCRYPTION_KEYS_MAX 16

/* Longest id: a letter, then letters, digits, '_', '-' and '.'. */
#define ENCRYPTION_ID_MAX 32

struct encryption_key {
    char id[ENCRYPTION_ID_MAX + 1];
    bool read;
    uint8_t bytes[ENCRYPTION_KEY_BYTES];
};

struct encryption_keys {
    struct secret_store *sources;
    struct encryption_key list[ENCRYPTION_KEYS_MAX];
    size_t count;
    size_t current; /* the one that encrypts */
};

/* `setting` is that of encryption.keys, `key` of encryption.key. ST_CONFIG names the setting and what is
 * wrong with it. Keys are not read. */
int encryption_keys_new(struct str setting, struct str key, struct encryption_keys *out,
                        struct error *err);

/* Wipes the keys. Also when encryption_keys_new failed. */
void encryption_keys_free(struct encryption_keys *keys);

/* Reads the key if it was not read. ST_UNAVAILABLE: the configuration does not name it, or its source has
 * no key. */
int encryption_keys_find(struct encryption_keys *keys, struct str id,
                         const struct encryption_key **out, struct error *err);
