/* Tools of a manifest: the MCP fields that clients get. */
#include "adapters/driven/plugin_host/header_rules.h"
#include "adapters/driven/plugin_host/manifest_parts.h"
#include "adapters/driven/plugin_host/names.h"

static int tool_name(struct reader *r, struct json v, void *out)
{
    struct str name;
    if (!json_plain(v, &name) || !name_is_tool(name))
        return reader_fail(r, "must be 1 to 64 of A-Z a-z 0-9 _ . -");
    manifest_item(out)->name = name;
    return ST_OK;
}

static int tool_input_schema(struct reader *r, struct json v, void *out)
{
    int rc = reader_type(r, v, JSON_OBJECT);
    if (!rc && !json_is(json_get(v, STR("type")), STR("object")))
        rc = reader_fail(r, "the schema of the arguments must have \"type\": \"object\"");
    if (!rc)
        rc = header_rules_check(r, v);
    return rc ? rc : manifest_schema(r, v, ((struct manifest *)out)->checks);
}

static int tool_output_schema(struct reader *r, struct json v, void *out)
{
    return manifest_schema(r, v, ((struct manifest *)out)->checks);
}

static int tool_annotations(struct reader *r, struct json v, void *out)
{
    static const struct field fields[] = {
        {"title", false, entry_string},           {"readOnlyHint", false, entry_bool},
        {"destructiveHint", false, entry_bool},   {"idempotentHint", false, entry_bool},
        {"openWorldHint", false, entry_bool},
    };
    return reader_object(r, v, fields, 5, false, out);
}

int manifest_read_tool(struct reader *r, struct json v, void *out)
{
    static const struct field fields[] = {
        {"name", true, tool_name},
        {"title", false, entry_string},
        {"description", false, entry_string},
        {"icons", false, entry_icons},
        {"inputSchema", true, tool_input_schema},
        {"outputSchema", false, tool_output_schema},
        {"annotations", false, tool_annotations},
        {"_meta", false, entry_object},
        {"run", false, manifest_run_tool},
    };
    int rc = manifest_add_item(r, out, ITEM_TOOL, v);
    if (!rc)
        rc = reader_object(r, v, fields, sizeof(fields) / sizeof(fields[0]), false, out);
    return rc ? rc : manifest_check_argument_aliases(r, v);
}
