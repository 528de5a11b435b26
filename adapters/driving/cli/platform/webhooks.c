#include "adapters/driving/cli/platform/webhooks.h"

#include "adapters/driven/webhook/webhook.h"
#include "core/base/error.h"
#include "core/base/str.h"

static void close_part(void *part)
{
    webhooks_free(part);
}

static int open_part(struct platform *platform, void **out, struct error *err)
{
    const struct webhooks_parts parts = {
        .events = platform->events,
        .values = platform->values,
        .timers = platform->timers,
        .clock = platform->clock,
        .random = platform->random,
        .crypto = platform->crypto,
        .log = platform->log,
        .secrets = platform->secrets,
        .http = platform->http,
        .followers = platform->followers,
        .journal = platform->journal,
    };
    struct webhooks *webhooks;
    int rc = webhooks_new(&parts, config_text(platform->config, "events.webhooks"), &webhooks, err);
    if (rc)
        return rc;
    rc = webhook_operations_add(webhooks, platform->operations, err);
    if (rc) {
        webhooks_free(webhooks);
        return rc;
    }
    platform->webhooks = webhooks;
    *out = webhooks;
    return ST_OK;
}

void platform_webhooks_serve(const struct platform *platform)
{
    struct error err;
    if (webhooks_start(platform->webhooks, &err))
        platform->log->write(platform->log->ctx, LOG_LEVEL_ERROR, STR("webhook"), str_from(err.text));
}

const struct platform_part platform_webhooks = {"webhooks", open_part, close_part};
