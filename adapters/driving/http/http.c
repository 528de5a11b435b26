#include "adapters/driving/http/http.h"

#include "adapters/driven/module/module.h"

int http_open(const char *folder, const struct http_options *options,
              const struct http_parts *parts, struct http_wire *out, struct error *err)
{
    module_entry *entry;
    int rc = module_open(folder, "http", &entry, err);
    return rc ? rc : ((http_module_entry)entry)(options, parts, out, err);
}
