#include "adapters/driving/console/console.h"

#include <string.h>

#include "adapters/driven/module/module.h"

int console_open(const char *modules, const struct console_options *options, struct console *out,
                 struct error *err)
{
    void *found;
    int rc = module_open(modules, "console", &found, err);
    if (rc)
        return rc;
    /* POSIX lets dlsym's result be a function; ISO C wants it said this way. */
    console_entry entry;
    memcpy(&entry, &found, sizeof(entry));
    return entry(options, out, err);
}
