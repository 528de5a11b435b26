#include <stdlib.h>

#include "core/call/call.h"

static struct plugin_state *plugin_of(struct dispatcher *d, const struct tool_definition *tool)
{
    for (size_t i = 0; i < d->plugin_count; i++)
        if (d->plugins[i].plugin == tool->plugin)
            return &d->plugins[i];
    struct plugin_state *plugin = &d->plugins[d->plugin_count++];
    *plugin = (struct plugin_state){
        .plugin = tool->plugin, .slots = tool->plugin_slots ? tool->plugin_slots : UINT32_MAX};
    return plugin;
}

int tools_load(struct dispatcher *d, struct error *err)
{
    d->tool_count = registry_count(d->parts.registry);
    d->tools = calloc(d->tool_count + 1, sizeof(*d->tools));
    d->plugins = calloc(d->tool_count + 1, sizeof(*d->plugins));
    d->visible = calloc(d->tool_count + 1, sizeof(*d->visible));
    if (!d->tools || !d->plugins || !d->visible)
        return error_set(err, ST_NOMEM, "out of memory");
    struct plugin_state *last = NULL;
    for (size_t i = 0; i < d->tool_count; i++) {
        const struct tool_definition *definition = registry_at(d->parts.registry, i);
        /* Tools of one plugin come together, so looking back once is nearly always enough. */
        if (!last || last->plugin != definition->plugin)
            last = plugin_of(d, definition);
        d->tools[i].definition = definition;
        d->tools[i].plugin = last;
        if (policy_may_see(&d->parts.policy, definition))
            d->visible[d->visible_count++] = definition;
    }
    return ST_OK;
}

void tools_free(struct dispatcher *d)
{
    for (size_t i = 0; i < d->tool_count && d->tools; i++) {
        schema_free(d->tools[i].input);
        schema_free(d->tools[i].output);
    }
    free(d->tools);
    free(d->plugins);
    free(d->visible);
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

int tool_compile(struct dispatcher *d, struct tool_state *tool, struct error *err)
{
    if (tool->compiled)
        return ST_OK;
    struct json_doc *doc;
    int rc = json_parse(tool->definition->json, &doc, err);
    if (!rc) {
        rc = compile_member(d, json_root(doc), STR("inputSchema"), &tool->input, err);
        if (!rc)
            rc = compile_member(d, json_root(doc), STR("outputSchema"), &tool->output, err);
        json_free(doc);
    }
    if (rc) {
        schema_free(tool->input);
        schema_free(tool->output);
        tool->input = tool->output = NULL;
        error_prefix(err, "the definition of tool \"%.*s\" cannot be used: ",
                     STR_ARG(tool->definition->name));
        /* Not the caller's fault, whatever is wrong with it. */
        return err->code = ST_PROTOCOL;
    }
    tool->compiled = true;
    return ST_OK;
}
