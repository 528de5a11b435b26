/* Stored values that somebody made up: none is taken for an encrypted one, and none expands beyond what its
 * header says. */
#include <stdlib.h>

#include "adapters/driven/sealed_values/backend.h"
#include "adapters/driven/sealed_values/header.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

/* The entry of the module `seal`, which is linked in here. */
int hexmcp_module_entry(struct seal_backend *out, struct error *err);

static void check(bool good)
{
    if (!good)
        abort();
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    static const uint8_t key[SEAL_MASTER_BYTES] = "a key that everybody may know";
    struct str value = {(const char *)data, size};
    struct sealed_header h;
    struct seal_backend backend;
    struct error err = {0};
    if (!sealed_has_header(value))
        return 0;
    int rc = sealed_header_read(value, &h, &err);
    check(rc == ST_OK || (rc == ST_PROTOCOL && err.text[0]));
    if (rc || hexmcp_module_entry(&backend, &err))
        return 0;
    uint8_t *out = malloc(h.clear_len + h.payload.len + 1);
    check(out != NULL);
    if (h.flags & SEALED_ENCRYPTED)
        check(!backend.decrypt(key, h.bound, h.payload, (const uint8_t *)h.nonce.ptr, out));
    else if (h.flags & SEALED_COMPRESSED)
        (void)backend.expand(h.payload, out, h.clear_len);
    else
        check(h.payload.len == h.clear_len);
    free(out);
    return 0;
}
