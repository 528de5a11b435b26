#include "adapters/driving/cli/platform/platform.h"

#include "adapters/driving/cli/platform/state.h"
#include "adapters/driving/cli/platform/hooks.h"
#include "adapters/driving/cli/platform/webhooks.h"
#include "core/base/error.h"

/* In the order in which they need each other. */
static const struct platform_part *const table[] = {
    &platform_journal,
    &platform_hooks,
    &platform_state,
    &platform_sessions,
    &platform_artifacts,
    &platform_backup,
    &platform_webhooks,
    NULL,
};

#define PARTS (sizeof(table) / sizeof(table[0]) - 1)

_Static_assert(PARTS <= PLATFORM_PARTS_MAX, "room for the parts");

int platform_open(struct platform *platform, struct error *err)
{
    int rc = ST_OK;
    for (size_t i = 0; table[i] && !rc; i++) {
        rc = table[i]->open(platform, &platform->parts[i], err);
        if (rc)
            error_prefix(err, "%s: ", table[i]->name);
    }
    if (rc)
        platform_close(platform);
    return rc;
}

void platform_close(struct platform *platform)
{
    for (size_t i = PARTS; i-- > 0;) {
        if (platform->parts[i])
            table[i]->close(platform->parts[i]);
        platform->parts[i] = NULL;
    }
}
