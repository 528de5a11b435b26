/* The tools of a manifest: the MCP fields that clients get, and `run`, which is ours. */
#include <stdlib.h>

#include "adapters/driven/plugin_host/header_rules.h"
#include "adapters/driven/plugin_host/manifest_parts.h"
#include "adapters/driven/plugin_host/names.h"

#define DAY_MS 86400000u

static const struct record_tool default_run = {
    .inline_bytes = 4096,
    .timeout_ms = 30000,
    .slots = 8,
    .queue = 1024,
    .level = TOOL_SAFE,
    .task = TASK_FORBIDDEN,
};

static struct record_tool_draft *current(void *out)
{
    struct manifest *m = out;
    return &m->tools[m->tool_count - 1];
}

static int tool_name(struct reader *r, struct json v, void *out)
{
    struct str name;
    if (!json_plain(v, &name) || !name_is_tool(name))
        return reader_fail(r, "must be 1 to 64 of A-Z a-z 0-9 _ . -");
    current(out)->name = name;
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

static int run_mode(struct reader *r, struct json v, void *out)
{
    static const char *const words[] = {"worker", "inline"};
    size_t which = 0;
    int rc = reader_word(r, v, words, 2, &which);
    current(out)->run.run_inline = which == 1;
    return rc;
}

static int run_inline_bytes(struct reader *r, struct json v, void *out)
{
    return reader_u32(r, v, 0, 65536, &current(out)->run.inline_bytes);
}

static int run_timeout(struct reader *r, struct json v, void *out)
{
    return reader_u32(r, v, 1, DAY_MS, &current(out)->run.timeout_ms);
}

static int run_slots(struct reader *r, struct json v, void *out)
{
    return reader_u32(r, v, 1, 1024, &current(out)->run.slots);
}

static int run_queue(struct reader *r, struct json v, void *out)
{
    return reader_u32(r, v, 0, 1000000, &current(out)->run.queue);
}

static int run_level(struct reader *r, struct json v, void *out)
{
    static const char *const words[] = {"safe", "restricted", "privileged"};
    size_t which = 0;
    int rc = reader_word(r, v, words, 3, &which);
    current(out)->run.level = (uint8_t)which;
    return rc;
}

static int run_task(struct reader *r, struct json v, void *out)
{
    static const char *const words[] = {"forbidden", "optional", "required"};
    size_t which = 0;
    int rc = reader_word(r, v, words, 3, &which);
    current(out)->run.task = (uint8_t)which;
    return rc;
}

static int tool_run(struct reader *r, struct json v, void *out)
{
    static const struct field fields[] = {
        {"mode", false, run_mode},         {"maxInlineBytes", false, run_inline_bytes},
        {"timeoutMs", false, run_timeout}, {"slots", false, run_slots},
        {"queue", false, run_queue},       {"level", false, run_level},
        {"taskSupport", false, run_task},
    };
    return reader_object(r, v, fields, sizeof(fields) / sizeof(fields[0]), false, out);
}

static int add_tool(struct reader *r, struct manifest *m, struct json v)
{
    if (m->tool_count == m->tool_cap) {
        size_t cap = m->tool_cap ? m->tool_cap * 2 : 8;
        void *tools = realloc(m->tools, cap * sizeof(*m->tools));
        if (!tools)
            return error_set(r->err, ST_NOMEM, "out of memory");
        m->tools = tools;
        m->tool_cap = cap;
    }
    m->tools[m->tool_count++] =
        (struct record_tool_draft){.json = json_text(v), .run = default_run};
    return ST_OK;
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
        {"run", false, tool_run},
    };
    int rc = add_tool(r, out, v);
    return rc ? rc
              : reader_object(r, v, fields, sizeof(fields) / sizeof(fields[0]), false, out);
}
