#include "adapters/driving/websocket/websocket.h"

#include <string.h>

#include "adapters/driven/module/module.h"

int websocket_open(const char *folder, const struct websocket_options *options,
                   const struct websocket_parts *parts, struct websocket_wire *out,
                   struct error *err)
{
    void *entry;
    int rc = module_open(folder, "websocket", &entry, err);
    if (!rc) {
        /* POSIX lets dlsym's result be a function; ISO C wants it said this way. */
        websocket_module_entry start;
        memcpy(&start, &entry, sizeof(start));
        rc = start(options, parts, out, err);
    }
    return rc;
}
