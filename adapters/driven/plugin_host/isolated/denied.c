/* What the sandbox refused to a plugin: told to who counts it, else one line in the log for each kind. */
#include <stdlib.h>

#include "adapters/driven/plugin_host/isolated/remote.h"

void isolated_denied(struct isolated *iso, const char *what)
{
    if (plugin_denied(iso->plugin, "%s", what))
        return;
    struct past *past = isolated_past(iso);
    for (size_t i = 0; past && i < past->denied_count; i++)
        if (strcmp(past->denied[i], what) == 0)
            return;
    if (past && past->denied_count == DENIALS_TOLD)
        return;
    char *copy = past ? strdup(what) : NULL;
    if (copy)
        past->denied[past->denied_count++] = copy;
    plugin_log(iso->plugin, LOG_LEVEL_WARNING, "%s, which its grants do not allow", what);
}
