/* Keys of backups, by the setting backup.keys: {"NAME": {"file": path} or {"env": variable}}. Each holds
 * 64 hexadecimal digits. */
#pragma once

#include "adapters/driven/backup/backup.h"

/* `ctx` of the keys is the text of the setting. */
int backup_keys_find(void *ctx, const char *name, uint8_t key[STREAM_KEY_BYTES], struct error *err);
