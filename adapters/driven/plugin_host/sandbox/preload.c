#include <dlfcn.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "adapters/driven/plugin_host/sandbox/sandbox.h"
#include "core/base/str.h"

enum { SONAME_MAX = 128 };

/* They make the loader look elsewhere, or load more. */
static const char *const loader_variables[] = {"LD_LIBRARY_PATH", "LD_PRELOAD", "LD_AUDIT"};

static int check_loader(struct error *err)
{
    for (size_t i = 0; i < sizeof(loader_variables) / sizeof(loader_variables[0]); i++) {
        const char *value = getenv(loader_variables[i]);
        if (value && *value)
            return error_set(err, ST_DENIED,
                             "%s is set, so libraries of a plugin could come from anywhere. Start "
                             "the helper without it.",
                             loader_variables[i]);
    }
    return ST_OK;
}

static int check_name(struct str name, struct error *err)
{
    bool bare = name.len > 0 && name.len < SONAME_MAX && name.ptr[0] != '.' &&
                !memchr(name.ptr, '/', name.len) && !memchr(name.ptr, '$', name.len) &&
                !memchr(name.ptr, '\0', name.len);
    if (bare)
        return ST_OK;
    return error_set(err, ST_DENIED,
                     "The plugin needs the library \"%.*s\", which is not a bare name of a library "
                     "of the system. Link it with names like libm.so.6.",
                     STR_ARG(name));
}

static int load(struct str name, struct error *err)
{
    char text[SONAME_MAX];
    snprintf(text, sizeof(text), "%.*s", (int)name.len, name.ptr);
    if (dlopen(text, RTLD_LAZY | RTLD_LOCAL))
        return ST_OK; /* stays loaded: there is no handle to close */
    /* Some use libm and do not say so (libmodest in Debian 12). */
    if (dlopen("libm.so.6", RTLD_LAZY | RTLD_GLOBAL) && dlopen(text, RTLD_LAZY | RTLD_LOCAL))
        return ST_OK;
    return error_set(err, ST_NOT_FOUND,
                     "The plugin needs the library %s, which cannot be loaded: %s. Install the "
                     "package that has it.",
                     text, dlerror());
}

int sandbox_preload(const struct str *sonames, size_t count, struct error *err)
{
    int rc = check_loader(err);
    /* glibc loads it when a thread is cancelled or a stack is walked, and aborts if it cannot. */
    if (rc == ST_OK)
        (void)dlopen("libgcc_s.so.1", RTLD_LAZY | RTLD_LOCAL);
    for (size_t i = 0; rc == ST_OK && i < count; i++) {
        rc = check_name(sonames[i], err);
        if (rc == ST_OK)
            rc = load(sonames[i], err);
    }
    return rc;
}
