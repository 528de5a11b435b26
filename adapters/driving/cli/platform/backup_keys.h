/* Keys of backups: those of encryption.keys. */
#pragma once

#include "adapters/driven/encryption_keys/encryption_keys.h"
#include "ports/driven/stream_cipher.h"

/* For struct backup_keys; `ctx` is a struct encryption_keys. */
int backup_keys_find(void *ctx, const char *name, uint8_t key[STREAM_KEY_BYTES], struct error *err);
