#include "adapters/driving/tls/tls.h"

#include <string.h>

#include "adapters/driven/module/module.h"

int tls_open(const char *folder, const struct tls_options *options, struct tls_module *out,
             struct error *err)
{
    void *entry;
    int rc = module_open(folder, "tls", &entry, err);
    if (!rc) {
        /* POSIX lets dlsym's result be a function; ISO C wants it said this way. */
        tls_module_entry start;
        memcpy(&start, &entry, sizeof(start));
        rc = start(options, out, err);
    }
    return rc;
}
