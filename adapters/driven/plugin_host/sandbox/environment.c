#include <stdlib.h>
#include <string.h>

#include "adapters/driven/plugin_host/sandbox/sandbox.h"
#include "core/base/str.h"

/* What glibc itself drops for programs with other rights than their caller, and for the same reason:
 * it makes a program load, read or write files before it has done anything. A * ends a prefix. */
static const struct str steering[] = {
    STR_INIT("LD_*"), STR_INIT("MALLOC_*"), STR_INIT("GCONV_PATH"), STR_INIT("GETCONF_DIR"),
    STR_INIT("GLIBC_TUNABLES"), STR_INIT("HOSTALIASES"), STR_INIT("LOCALDOMAIN"),
    STR_INIT("LOCPATH"), STR_INIT("NIS_PATH"), STR_INIT("NLSPATH"), STR_INIT("RESOLV_HOST_CONF"),
    STR_INIT("RES_OPTIONS"), STR_INIT("TZDIR"),
};

static bool matches(struct str name, struct str pattern)
{
    if (pattern.ptr[pattern.len - 1] != '*')
        return str_eq(name, pattern);
    return str_starts(name, (struct str){pattern.ptr, pattern.len - 1});
}

static int check(struct str name, struct error *err)
{
    if (name.len == 0 || memchr(name.ptr, '=', name.len) || memchr(name.ptr, '\0', name.len))
        return error_set(err, ST_INVALID, "\"%.*s\" is no name of an environment variable.",
                         STR_ARG(name));
    for (size_t i = 0; i < sizeof(steering) / sizeof(steering[0]); i++)
        if (matches(name, steering[i]))
            return error_set(err, ST_DENIED,
                             "The environment variable %.*s cannot be granted: it steers the "
                             "program before the sandbox is closed.",
                             STR_ARG(name));
    return ST_OK;
}

static bool is_granted(const char *variable, const struct str *names, size_t count)
{
    struct str name = {variable, strcspn(variable, "=")};
    for (size_t i = 0; i < count; i++)
        if (str_eq(name, names[i]))
            return true;
    return false;
}

int sandbox_environment(const struct str *names, size_t count, char *const *from, char ***out,
                        struct error *err)
{
    size_t variables = 0, bytes = 0, at = 0;
    for (size_t i = 0; i < count; i++) {
        int rc = check(names[i], err);
        if (rc < 0)
            return rc;
    }
    for (char *const *entry = from; *entry; entry++)
        if (is_granted(*entry, names, count)) {
            variables++;
            bytes += strlen(*entry) + 1;
        }
    char **list = malloc((variables + 1) * sizeof(char *) + bytes);
    if (!list)
        return error_set(err, ST_NOMEM, "There is no memory for an environment of %zu bytes.",
                         bytes);
    char *text = (char *)(list + variables + 1);
    for (char *const *entry = from; *entry; entry++)
        if (is_granted(*entry, names, count)) {
            size_t size = strlen(*entry) + 1;
            list[at++] = memcpy(text, *entry, size);
            text += size;
        }
    list[at] = NULL;
    *out = list;
    return ST_OK;
}
