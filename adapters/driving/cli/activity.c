#include "adapters/driving/cli/activity.h"

#include "core/base/str.h"

static void visit_plugins(void *ctx, const struct activity_visitor *visitor)
{
    const struct plugin_host *host = ctx;
    struct plugin_facts facts;
    for (size_t i = 0; plugin_host_at(host, i, &facts); i++) {
        const struct activity_plugin plugin = {
            .id = facts.id,
            .title = facts.title,
            .version = facts.version,
            .state = str_from(facts.enabled ? lifecycle_name(facts.state) : "disabled"),
            .origin = str_from(plugin_origin_name(facts.origin)),
            .reason = facts.reason,
        };
        visitor->plugin(visitor->ctx, &plugin);
    }
}

struct activity_source plugins_activity(struct plugin_host *host)
{
    return (struct activity_source){host, visit_plugins};
}
