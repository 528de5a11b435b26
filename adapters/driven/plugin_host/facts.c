/* What others may know about plugins and their tools. */
#include "adapters/driven/plugin_host/host.h"

static void fill_tool(const struct plugin *p, uint32_t index, struct item *out)
{
    const struct record_tool *t = record_tool(p->record, index);
    struct str name = record_tool_name(p->record, index);
    *out = (struct item){
        .name = name,
        .local_name = name,
        .plugin_id = plugin_id(p),
        .json = record_tool_json(p->record, index),
        .plugin = p->number,
        .run_inline = t->run_inline,
        .inline_bytes = t->inline_bytes,
        .timeout_ms = t->timeout_ms,
        .slots = t->slots,
        .queue = t->queue,
        .plugin_slots = p->record->flags & RECORD_CONCURRENT ? 0 : 1,
        .level = (enum tool_level)t->level,
        .task_support = (enum task_support)t->task,
    };
}

bool plugin_host_next_tool(const struct plugin_host *host, struct plugin_tool_cursor *cursor,
                           struct item *out)
{
    for (; cursor->plugin < host->plugin_count; cursor->plugin++, cursor->tool = 0) {
        const struct plugin *p = &host->plugins[cursor->plugin];
        if (!p->enabled || cursor->tool >= p->record->tool_count)
            continue;
        fill_tool(p, cursor->tool++, out);
        return true;
    }
    return false;
}

size_t plugin_host_count(const struct plugin_host *host)
{
    return host->plugin_count;
}

bool plugin_host_at(const struct plugin_host *host, size_t index, struct plugin_facts *out)
{
    if (index >= host->plugin_count)
        return false;
    const struct plugin *p = &host->plugins[index];
    const struct record *r = p->record;
    *out = (struct plugin_facts){
        .id = plugin_id(p),
        .place = str_from(p->place->path),
        .folder = record_text(r, TEXT_FOLDER),
        .origin = p->place->given.origin,
        .enabled = p->enabled,
        .state = p->state,
        .refusal = p->refusal,
        .reason = p->reason ? str_from(p->reason) : record_text(r, TEXT_REASON),
        .version = record_text(r, TEXT_VERSION),
        .title = record_text(r, TEXT_TITLE),
        .description = record_text(r, TEXT_DESCRIPTION),
        .license = record_text(r, TEXT_LICENSE),
        .homepage = record_text(r, TEXT_HOMEPAGE),
        .digest = record_text(r, TEXT_DIGEST),
        .provides = record_text(r, TEXT_PROVIDES),
        .grants = record_text(r, TEXT_GRANTS),
        .config = record_text(r, TEXT_CONFIG),
        .resources = record_text(r, TEXT_RESOURCES),
        .templates = record_text(r, TEXT_TEMPLATES),
        .prompts = record_text(r, TEXT_PROMPTS),
        .needed = record_text(r, TEXT_NEEDED),
        .abi_major = r->abi_major,
        .abi_minor = r->abi_minor,
        .isolation_required = (r->flags & RECORD_ISOLATED) != 0,
        .concurrent = (r->flags & RECORD_CONCURRENT) != 0,
        .dynamic = (r->flags & RECORD_DYNAMIC) != 0,
        .tool_count = r->tool_count,
        .lost_workers = p->lost,
        .from_index = p->owned == NULL,
    };
    return true;
}

bool plugin_host_tool_of(const struct plugin_host *host, size_t index, uint32_t tool,
                         struct item *out)
{
    if (index >= host->plugin_count || tool >= host->plugins[index].record->tool_count)
        return false;
    fill_tool(&host->plugins[index], tool, out);
    return true;
}

const char *plugin_origin_name(enum plugin_origin origin)
{
    static const char *const names[] = {"bundled",     "system", "user",
                                        "environment", "config", "command-line"};
    return (unsigned)origin < sizeof(names) / sizeof(names[0]) ? names[origin] : "";
}
