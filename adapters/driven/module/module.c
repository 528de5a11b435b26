#include "adapters/driven/module/module.h"

#include <dlfcn.h>
#include <limits.h>
#include <stdio.h>
#include <string.h>

#include "core/base/error.h"
#include "module_build_id.h"

int module_open(const char *folder, const char *name, module_entry **entry, struct error *err)
{
    char path[PATH_MAX];
    int len = snprintf(path, sizeof(path), "%s/hexmcp-%s.so", folder, name);
    if (len <= 0 || (size_t)len >= sizeof(path))
        return error_set(err, ST_UNAVAILABLE, "the path of module %s is too long", name);
    void *handle = dlopen(path, RTLD_NOW | RTLD_LOCAL);
    if (!handle)
        return error_set(err, ST_UNAVAILABLE, "module %s cannot be loaded: %s", name, dlerror());
    const char *build_id = dlsym(handle, "hexmcp_module_build_id");
    if (!build_id || strcmp(build_id, HEXMCP_MODULE_BUILD_ID) != 0) {
        dlclose(handle);
        return error_set(err, ST_UNAVAILABLE,
                         "%s belongs to another build of hexmcp; install both together", path);
    }
    void *found = dlsym(handle, "hexmcp_module_entry");
    if (!found) {
        dlclose(handle);
        return error_set(err, ST_UNAVAILABLE, "%s has no entry", path);
    }
    /* POSIX lets dlsym's result be a function; ISO C wants it said this way. */
    memcpy(entry, &found, sizeof(found));
    return ST_OK;
}
