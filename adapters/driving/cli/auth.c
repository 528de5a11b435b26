#include "adapters/driving/cli/auth.h"

#include <stdio.h>

#define KEYS_NAME "api-keys.json"

int auth_keys_place(const struct config *config, const struct places *places, char path[PATH_MAX],
                    const char **place, struct error *err)
{
    struct str given = config_string(config, "auth.keys_file");
    const char *state = places_state(places);
    int len = 0;
    if (given.len && given.ptr[0] != '/')
        return error_set(err, ST_CONFIG, "auth.keys_file must be an absolute path, not %.*s",
                         STR_ARG(given));
    if (given.len)
        len = snprintf(path, PATH_MAX, "%.*s", STR_ARG(given));
    else if (state)
        len = snprintf(path, PATH_MAX, "%s/" KEYS_NAME, state);
    if (len >= PATH_MAX)
        return error_set(err, ST_CONFIG, "the path of the file of API keys is too long");
    *place = len ? path : NULL;
    return ST_OK;
}
