#include "adapters/driving/cli/platform/backup_keys.h"

#include <string.h>

#include "core/base/str.h"

_Static_assert(STREAM_KEY_BYTES == ENCRYPTION_KEY_BYTES, "one kind of key");

int backup_keys_find(void *ctx, const char *name, uint8_t key[STREAM_KEY_BYTES], struct error *err)
{
    const struct encryption_key *found;
    int rc = encryption_keys_find(ctx, str_from(name), &found, err);
    if (!rc)
        memcpy(key, found->bytes, STREAM_KEY_BYTES);
    return rc;
}
