#include "adapters/driving/console/console.h"

#include "adapters/driven/module/module.h"

int console_open(const char *modules, const struct console_options *options, struct console *out,
                 struct error *err)
{
    module_entry *entry;
    int rc = module_open(modules, "console", &entry, err);
    return rc ? rc : ((console_entry)entry)(options, out, err);
}
