#include "adapters/driving/cli/plugin/find.h"

#include <errno.h>
#include <limits.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "core/base/nearest.h"

int plugin_find(const struct plugin_host *host, struct str id, size_t *index,
                struct plugin_facts *facts, struct error *err)
{
    struct nearest near = {.word = id};
    struct plugin_facts other;
    bool found = false;
    for (size_t i = 0; plugin_host_at(host, i, &other); i++) {
        nearest_offer(&near, other.id);
        if (!str_eq(other.id, id) || (found && other.refusal == REFUSED_DUPLICATE))
            continue;
        if (!found || facts->refusal == REFUSED_DUPLICATE) {
            *index = i;
            *facts = other;
            found = true;
        }
    }
    if (found)
        return ST_OK;
    if (near.best.len)
        return error_set(err, ST_NOT_FOUND, "there is no plugin %.*s; did you mean %.*s?",
                         STR_ARG(id), STR_ARG(near.best));
    return error_set(err, ST_NOT_FOUND,
                     "there is no plugin %.*s; \"hexmcp plugin list\" lists them", STR_ARG(id));
}

int plugin_find_folder(const struct plugin_host *host, const char *path,
                       struct plugin_facts *facts, struct error *err)
{
    char real[PATH_MAX], bundle[PATH_MAX];
    if (!realpath(path, real))
        return error_set(err, ST_NOT_FOUND, "%s: %s", path, strerror(errno));
    for (size_t i = 0; plugin_host_at(host, i, facts); i++) {
        snprintf(bundle, sizeof(bundle), "%.*s/%.*s", STR_ARG(facts->place),
                 STR_ARG(facts->folder));
        if (strcmp(bundle, real) == 0)
            return ST_OK;
    }
    return error_set(err, ST_NOT_FOUND, "%s is no folder of a plugin", path);
}
