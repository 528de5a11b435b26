#include "adapters/driving/validator/places.h"

#include <stdio.h>
#include <string.h>
#include <unistd.h>

static bool join(char *out, const char *folder, const char *rest)
{
    int len = snprintf(out, PATH_MAX, "%s%s", folder, rest);
    return len > 0 && len < PATH_MAX;
}

int validator_places(struct validator_places *out, struct error *err)
{
    ssize_t len = readlink("/proc/self/exe", out->folder, sizeof(out->folder) - 1);
    char *slash = NULL;
    if (len > 0) {
        out->folder[len] = '\0';
        slash = strrchr(out->folder, '/');
    }
    if (!slash)
        return error_set(err, ST_UNAVAILABLE, "/proc/self/exe cannot be read; is /proc mounted?");
    *slash = '\0';
    /* In the build folder everything lies together; installed, this is libexec/hexmcp. */
    if (join(out->program, out->folder, "/hexmcp") && access(out->program, X_OK) == 0 &&
        join(out->modules, out->folder, ""))
        return ST_OK;
    if (join(out->program, out->folder, "/../../bin/hexmcp") &&
        join(out->modules, out->folder, "/../../" HEXMCP_LIBDIR "/hexmcp/modules"))
        return ST_OK;
    return error_set(err, ST_TOO_LARGE, "%s: the path is too long", out->folder);
}
