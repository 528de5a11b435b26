/* The items of a manifest, and `run`, which is ours and says how one is run. */
#include <stdlib.h>

#include "adapters/driven/plugin_host/manifest_parts.h"

#define DAY_MS 86400000u
#define PATH_ARGUMENTS_MAX 16

static const struct record_item default_run = {
    .inline_bytes = 4096,
    .timeout_ms = 30000,
    .slots = 8,
    .queue = 1024,
    .level = TOOL_SAFE,
    .task = TASK_FORBIDDEN,
};

struct record_item_draft *manifest_item(void *out)
{
    struct manifest *m = out;
    return &m->items[m->item_count - 1];
}

int manifest_add_item(struct reader *r, struct manifest *m, enum item_kind kind, struct json v)
{
    if (m->item_count == m->item_cap) {
        size_t cap = m->item_cap ? m->item_cap * 2 : 8;
        void *items = realloc(m->items, cap * sizeof(*m->items));
        if (!items)
            return error_set(r->err, ST_NOMEM, "out of memory");
        m->items = items;
        m->item_cap = cap;
    }
    struct record_item_draft *item = &m->items[m->item_count++];
    *item = (struct record_item_draft){.json = json_text(v), .run = default_run};
    item->run.kind = (uint8_t)kind;
    return ST_OK;
}

static int run_mode(struct reader *r, struct json v, void *out)
{
    static const char *const words[] = {"worker", "inline"};
    size_t which = 0;
    int rc = reader_word(r, v, words, 2, &which);
    manifest_item(out)->run.run_inline = which == 1;
    return rc;
}

static int run_inline_bytes(struct reader *r, struct json v, void *out)
{
    return reader_u32(r, v, 0, 65536, &manifest_item(out)->run.inline_bytes);
}

static int run_timeout(struct reader *r, struct json v, void *out)
{
    return reader_u32(r, v, 1, DAY_MS, &manifest_item(out)->run.timeout_ms);
}

static int run_slots(struct reader *r, struct json v, void *out)
{
    return reader_u32(r, v, 1, 1024, &manifest_item(out)->run.slots);
}

static int run_queue(struct reader *r, struct json v, void *out)
{
    return reader_u32(r, v, 0, 1000000, &manifest_item(out)->run.queue);
}

static int run_level(struct reader *r, struct json v, void *out)
{
    static const char *const words[] = {"safe", "restricted", "privileged"};
    size_t which = 0;
    int rc = reader_word(r, v, words, 3, &which);
    manifest_item(out)->run.level = (uint8_t)which;
    return rc;
}

static int run_task(struct reader *r, struct json v, void *out)
{
    static const char *const words[] = {"forbidden", "optional", "required"};
    size_t which = 0;
    int rc = reader_word(r, v, words, 3, &which);
    manifest_item(out)->run.task = (uint8_t)which;
    return rc;
}

static int run_after_input(struct reader *r, struct json v, void *out)
{
    bool after = false;
    int rc = reader_bool(r, v, &after);
    manifest_item(out)->run.task_after_input = after;
    return rc;
}

static int path_argument(struct reader *r, struct json v, void *out)
{
    (void)out;
    return reader_string(r, v);
}

/* The names are read when the tool is first called. */
static int run_path_arguments(struct reader *r, struct json v, void *out)
{
    int rc = reader_array(r, v, path_argument, out);
    if (!rc && json_count(v) > PATH_ARGUMENTS_MAX)
        rc = reader_fail(r, "at most %d", PATH_ARGUMENTS_MAX);
    return rc;
}

int manifest_run_tool(struct reader *r, struct json v, void *out)
{
    static const struct field fields[] = {
        {"mode", false, run_mode},         {"maxInlineBytes", false, run_inline_bytes},
        {"timeoutMs", false, run_timeout}, {"slots", false, run_slots},
        {"queue", false, run_queue},       {"level", false, run_level},
        {"taskSupport", false, run_task},  {"taskAfterInput", false, run_after_input},
        {"pathArguments", false, run_path_arguments},
        {"aliases", false, manifest_run_aliases},
        {"argumentAliases", false, manifest_run_argument_aliases},
        {"category", false, manifest_run_category},
    };
    return reader_object(r, v, fields, sizeof(fields) / sizeof(fields[0]), false, out);
}

int manifest_run_other(struct reader *r, struct json v, void *out)
{
    static const struct field fields[] = {
        {"timeoutMs", false, run_timeout},
        {"slots", false, run_slots},
        {"queue", false, run_queue},
        {"level", false, run_level},
    };
    return reader_object(r, v, fields, sizeof(fields) / sizeof(fields[0]), false, out);
}
