#include "adapters/driving/websocket/websocket.h"

#include "adapters/driven/module/module.h"

int websocket_open(const char *folder, const struct websocket_options *options,
                   const struct websocket_parts *parts, struct websocket_wire *out,
                   struct error *err)
{
    module_entry *entry;
    int rc = module_open(folder, "websocket", &entry, err);
    return rc ? rc : ((websocket_module_entry)entry)(options, parts, out, err);
}
