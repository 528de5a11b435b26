#include <stdlib.h>

#include "core/call/call.h"

static struct plugin_state *plugin_of(struct dispatcher *d, const struct item *item)
{
    struct plugin_state *plugin = d->plugins;
    while (plugin && plugin->plugin != item->plugin)
        plugin = plugin->next;
    if (plugin)
        return plugin;
    plugin = malloc(sizeof(*plugin));
    if (!plugin)
        return NULL;
    *plugin = (struct plugin_state){.plugin = item->plugin,
                                    .slots = item->plugin_slots ? item->plugin_slots : UINT32_MAX,
                                    .next = d->plugins};
    return d->plugins = plugin;
}

struct item_state *item_state_of(struct dispatcher *d, const struct item *item)
{
    void **place = registry_state(item);
    if (*place)
        return *place;
    struct plugin_state *plugin = plugin_of(d, item);
    struct item_state *state = plugin ? malloc(sizeof(*state)) : NULL;
    if (!state)
        return NULL;
    *state = (struct item_state){
        .dispatcher = d, .definition = item, .plugin = plugin, .next = plugin->items};
    if (plugin->items)
        plugin->items->before = state;
    plugin->items = state;
    return *place = state;
}

void item_state_free(void *gone)
{
    struct item_state *state = gone;
    if (state->next)
        state->next->before = state->before;
    if (state->before)
        state->before->next = state->next;
    else
        state->plugin->items = state->next;
    schema_free(state->input);
    schema_free(state->output);
    json_free(state->path_arguments);
    json_free(state->argument_aliases);
    free(state);
}

void plugin_states_free(struct dispatcher *d)
{
    while (d->plugins) {
        struct plugin_state *plugin = d->plugins;
        d->plugins = plugin->next;
        while (plugin->items) {
            struct item_state *state = plugin->items;
            *registry_state(state->definition) = NULL;
            item_state_free(state);
        }
        free(plugin);
    }
}

/* A copy of a member that is not empty. */
static int keep_member(struct json from, struct str name, struct json_doc **out, struct error *err)
{
    struct json value = json_get(from, name);
    struct buffer copy = BUFFER_INIT;
    size_t len;
    if (json_count(value) == 0)
        return ST_OK;
    buffer_add_str(&copy, json_text(value));
    char *text = buffer_take(&copy, &len);
    return text ? json_parse_take(text, len, out, err)
                : error_set(err, ST_NOMEM, "out of memory");
}

static int read_run(struct item_state *item, struct json run, struct error *err)
{
    int rc = keep_member(run, STR("pathArguments"), &item->path_arguments, err);
    return rc ? rc : keep_member(run, STR("argumentAliases"), &item->argument_aliases, err);
}

static int compile_member(struct dispatcher *d, struct json tool, struct str member,
                          struct schema **out, struct error *err)
{
    struct json text = json_get(tool, member);
    if (!json_exists(text))
        return ST_OK;
    int rc = schema_compile_text(json_text(text), d->parts.regex, out, err);
    if (rc)
        error_prefix(err, "%.*s: ", STR_ARG(member));
    return rc;
}

int item_compile(struct dispatcher *d, struct item_state *item, struct error *err)
{
    if (item->compiled || item->definition->kind != ITEM_TOOL)
        return ST_OK;
    struct json_doc *doc;
    int rc = json_parse(item->definition->json, &doc, err);
    if (!rc) {
        rc = compile_member(d, json_root(doc), STR("inputSchema"), &item->input, err);
        if (!rc)
            rc = compile_member(d, json_root(doc), STR("outputSchema"), &item->output, err);
        if (!rc)
            rc = read_run(item, json_get(json_root(doc), STR("run")), err);
        json_free(doc);
    }
    if (rc) {
        schema_free(item->input);
        schema_free(item->output);
        item->input = item->output = NULL;
        error_prefix(err, "the definition of tool \"%.*s\" cannot be used: ",
                     STR_ARG(item->definition->name));
        /* Not the caller's fault, whatever is wrong with it. */
        return err->code = ST_PROTOCOL;
    }
    item->compiled = true;
    return ST_OK;
}
