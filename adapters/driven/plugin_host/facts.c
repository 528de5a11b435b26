/* What others may know about plugins and their items. */
#include "adapters/driven/plugin_host/host.h"
#include "core/json/writer.h"

struct item plugin_item(const struct plugin *p, const struct record_item *run, struct str name,
                        struct str json)
{
    return (struct item){
        .kind = (enum item_kind)run->kind,
        .name = name,
        .local_name = name,
        .plugin_id = plugin_id(p),
        .json = json,
        .plugin = p->number,
        .run_inline = run->run_inline,
        .inline_bytes = run->inline_bytes,
        .timeout_ms = run->timeout_ms,
        .slots = run->slots,
        .queue = run->queue,
        .plugin_slots = p->record->flags & RECORD_CONCURRENT ? 0 : 1,
        .level = (enum tool_level)run->level,
        .task_support = (enum task_support)run->task,
        .task_after_input = run->task_after_input,
        .argument_aliases = run->argument_aliases,
    };
}

struct item plugin_record_item(const struct plugin *p, uint32_t index)
{
    const struct record *r = p->record;
    struct item item = plugin_item(p, record_item(r, index), record_item_name(r, index),
                                   record_item_json(r, index));
    item.aliases = record_item_aliases(r, index);
    item.category = record_item_category(r, index);
    return item;
}

bool plugin_host_next_item(const struct plugin_host *host, struct plugin_item_cursor *cursor,
                           struct item *out)
{
    host_settle(host);
    for (; cursor->plugin < host->plugin_count; cursor->plugin++, cursor->item = 0) {
        struct plugin *p = host->plugins[cursor->plugin];
        if (!p->enabled || cursor->item >= p->record->item_count)
            continue;
        p->lent = true;
        *out = plugin_record_item(p, cursor->item++);
        return true;
    }
    return false;
}

static uint32_t count_tools(const struct record *r)
{
    uint32_t count = 0;
    for (uint32_t i = 0; i < r->item_count; i++)
        count += record_item(r, i)->kind == ITEM_TOOL;
    return count;
}

static void put_tools(struct json_writer *w, const struct record *r)
{
    json_key(w, STR("tools"));
    json_begin_array(w);
    for (uint32_t i = 0; i < r->item_count; i++)
        if (record_item(r, i)->kind == ITEM_TOOL)
            json_write_raw(w, record_item_json(r, i));
    json_end_array(w);
}

void plugin_facts_definitions(const struct plugin_facts *facts, struct buffer *out)
{
    struct json_writer w = json_writer(out);
    json_begin_object(&w);
    put_tools(&w, facts->record);
    json_put_raw(&w, STR("resources"), facts->resources);
    json_put_raw(&w, STR("resourceTemplates"), facts->templates);
    json_put_raw(&w, STR("prompts"), facts->prompts);
    json_end_object(&w);
}

size_t plugin_host_count(const struct plugin_host *host)
{
    return host->plugin_count;
}

enum refusal plugin_host_refusal(const struct plugin_host *host, size_t index)
{
    return index < host->plugin_count ? host->plugins[index]->refusal : REFUSED_NOT;
}

void plugin_facts_of(const struct plugin *p, struct plugin_facts *out)
{
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
        .granted = str_from(p->granted),
        .named = plugin_is_named(p),
        .record = r,
        .config = record_text(r, TEXT_CONFIG),
        .resources = record_text(r, TEXT_RESOURCES),
        .templates = record_text(r, TEXT_TEMPLATES),
        .prompts = record_text(r, TEXT_PROMPTS),
        .hooks = record_text(r, TEXT_HOOKS),
        .needed = record_text(r, TEXT_NEEDED),
        .abi_major = r->abi_major,
        .abi_minor = r->abi_minor,
        .isolation_required = (r->flags & RECORD_ISOLATED) != 0,
        .concurrent = (r->flags & RECORD_CONCURRENT) != 0,
        .dynamic = (r->flags & RECORD_DYNAMIC) != 0,
        .tool_count = count_tools(r),
        .lost_workers = p->lost,
        .from_index = p->owned == NULL,
    };
}

bool plugin_host_at(const struct plugin_host *host, size_t index, struct plugin_facts *out)
{
    host_settle(host);
    if (index >= host->plugin_count)
        return false;
    plugin_facts_of(host->plugins[index], out);
    return true;
}

bool plugin_host_item_of(const struct plugin_host *host, size_t index, enum item_kind kind,
                         uint32_t item, struct item *out)
{
    host_settle(host);
    if (index >= host->plugin_count)
        return false;
    const struct plugin *p = host->plugins[index];
    for (uint32_t i = 0; i < p->record->item_count; i++) {
        if (record_item(p->record, i)->kind != kind || item-- > 0)
            continue;
        *out = plugin_record_item(p, i);
        return true;
    }
    return false;
}

const char *plugin_origin_name(enum plugin_origin origin)
{
    static const char *const names[] = {"bundled",     "system", "user",
                                        "environment", "config", "command-line"};
    return (unsigned)origin < sizeof(names) / sizeof(names[0]) ? names[origin] : "";
}
