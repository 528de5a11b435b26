#include "adapters/driving/http/http.h"

#include <string.h>

#include "adapters/driven/module/module.h"

int http_open(const char *folder, const struct http_options *options,
              const struct http_parts *parts, struct http_wire *out, struct error *err)
{
    void *entry;
    int rc = module_open(folder, "http", &entry, err);
    if (rc)
        return rc;
    /* POSIX lets dlsym's result be a function; ISO C wants it said this way. */
    http_module_entry start;
    memcpy(&start, &entry, sizeof(start));
    return start(options, parts, out, err);
}
