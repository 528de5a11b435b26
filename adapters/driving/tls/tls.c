#include "adapters/driving/tls/tls.h"

#include "adapters/driven/module/module.h"

int tls_open(const char *folder, const struct tls_options *options, struct tls_module *out,
             struct error *err)
{
    module_entry *entry;
    int rc = module_open(folder, "tls", &entry, err);
    return rc ? rc : ((tls_module_entry)entry)(options, out, err);
}
