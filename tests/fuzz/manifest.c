/* plugin.json from a hostile author. */
#include "adapters/driven/plugin_host/manifest.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    struct manifest m;
    struct error err;
    if (manifest_read((struct str){(const char *)data, size}, NULL, &m, &err) == ST_OK)
        manifest_clear(&m);
    return 0;
}
