/* It unloads itself while it runs. */
#include <dlfcn.h>

#include "exhibit.h"

static int32_t bad(hexmcp_call call, hexmcp_str args, hexmcp_error *err)
{
    (void)args;
    (void)err;
    Dl_info info;
    dladdr(&the_host, &info);
    void *self = dlopen(info.dli_fname, RTLD_NOW | RTLD_NOLOAD);
    if (self) {
        dlclose(self);
        dlclose(self);
    }
    return good(call);
}

EXHIBIT;
