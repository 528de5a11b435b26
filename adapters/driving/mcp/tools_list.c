/* tools/list. */
#include "adapters/driving/mcp/connection.h"
#include "adapters/driving/mcp/cursor.h"

/* The list cannot change while the server runs. */
#define TOOLS_TTL_MS 3600000

/* The members of a tool that clients get. What is not here is not sent. */
static const struct {
    struct str name;
    bool always;
    enum feature since;
} members[] = {
    {STR_INIT("title"), false, FEATURE_TITLE},
    {STR_INIT("description"), true, 0},
    {STR_INIT("icons"), false, FEATURE_ICONS},
    {STR_INIT("inputSchema"), true, 0},
    {STR_INIT("outputSchema"), false, FEATURE_STRUCTURED},
    {STR_INIT("annotations"), false, FEATURE_TOOL_ANNOTATIONS},
    {STR_INIT("_meta"), false, FEATURE_META},
};

static bool fits(enum revision revision, struct json key, struct json value)
{
    return !json_is(key, STR("outputSchema")) || revision_has(revision, FEATURE_STRUCTURED_ANY) ||
           output_gate_passes(value);
}

static bool is_sent(enum revision revision, struct json key, struct json value)
{
    for (size_t i = 0; i < sizeof(members) / sizeof(members[0]); i++)
        if (json_is(key, members[i].name))
            return (members[i].always || revision_has(revision, members[i].since)) &&
                   fits(revision, key, value);
    return false;
}

static void write_tool(struct json_writer *w, enum revision revision,
                       const struct tool_definition *tool)
{
    struct json_doc *doc;
    /* The definition was read when it was loaded, so this is want of memory. A list without the
     * tool would be kept and believed. */
    if (json_parse(tool->json, &doc, NULL)) {
        w->out->failed = true;
        return;
    }
    json_begin_object(w);
    json_put_string(w, STR("name"), tool->name);
    struct json_iter it = json_iter(json_root(doc));
    while (json_next(&it)) {
        if (!is_sent(revision, it.key, it.value))
            continue;
        json_put_member(w, it.key, it.value);
    }
    json_end_object(w);
    json_free(doc);
}

/* Writes `"tools":[...],"nextCursor":...` without the braces around it. */
static void write_page(struct mcp *mcp, enum revision revision, size_t start, struct buffer *out)
{
    const struct tool_service *tools = mcp->options.tools;
    struct call_context context = {.caller = mcp->options.caller};
    const struct tool_definition *tool, *last = NULL;
    struct json_writer w = json_writer(out);
    size_t end = start + mcp->options.page_size;
    json_key(&w, STR("tools"));
    json_begin_array(&w);
    for (size_t i = start; i < end && (tool = tools->at(tools->ctx, &context, i)); i++) {
        write_tool(&w, revision, tool);
        last = tool;
    }
    json_end_array(&w);
    if (last && tools->at(tools->ctx, &context, end)) {
        buffer_add_str(out, STR(",\"nextCursor\":\""));
        cursor_write(out, STR("tools"), tools->generation(tools->ctx), last->name);
        buffer_add_char(out, '"');
    }
}

static const struct list_page *page_at(struct mcp *mcp, enum revision revision, size_t start)
{
    const struct tool_service *tools = mcp->options.tools;
    uint64_t generation = tools->generation(tools->ctx);
    const struct list_page *found =
        list_cache_find(&mcp->tools_cache, revision, start, generation);
    if (found)
        return found;
    struct list_page *page = list_cache_take(&mcp->tools_cache, revision, start, generation);
    write_page(mcp, revision, start, &page->text);
    if (buffer_failed(&page->text))
        page->generation = 0;
    return page;
}

/* Where the page begins that the cursor names: behind the entry whose name it holds. An empty one
 * is valid by the rules and behind nothing. */
static bool find_start(struct request *r, struct json cursor, size_t *start)
{
    const struct mcp_options *options = &r->connection->mcp->options;
    struct call_context context = {.caller = options->caller};
    struct buffer decoded = BUFFER_INIT, plain = BUFFER_INIT;
    const struct tool_definition *tool;
    struct str text, last;
    bool found = !json_exists(cursor) || json_is(cursor, STR(""));
    *start = 0;
    if (!found && json_string(cursor, &decoded, &text) &&
        cursor_read(text, STR("tools"), &plain, &last))
        while (!found && (tool = options->tools->at(options->tools->ctx, &context, (*start)++)))
            found = str_eq(tool->name, last);
    buffer_clear(&decoded);
    buffer_clear(&plain);
    return found;
}

void tools_list_handle(struct request *r)
{
    size_t start;
    if (!find_start(r, json_get(r->params, STR("cursor")), &start)) {
        answer_error(r, RPC_INVALID_PARAMS,
                     "invalid cursor; leave it out to begin with the first page");
        return;
    }
    const struct list_page *page = page_at(r->connection->mcp, r->revision, start);
    if (buffer_failed(&page->text)) {
        answer_error(r, RPC_INTERNAL_ERROR, "out of memory for the list of tools; ask again");
        return;
    }
    struct json_writer w = answer_begin(r);
    json_begin_object(&w);
    if (revision_has(r->revision, FEATURE_RESULT_TYPE)) {
        json_put_string(&w, STR("resultType"), STR("complete"));
        json_put_i64(&w, STR("ttlMs"), TOOLS_TTL_MS);
        json_put_string(&w, STR("cacheScope"), STR("private"));
        buffer_add_char(w.out, ',');
    }
    buffer_add_str(w.out, buffer_str(&page->text));
    w.comma = true;
    answer_modern_meta(r, &w, json_none());
    json_end_object(&w);
    answer_send(r);
}
