/* The members of items that clients get. What is not here is not sent. */
#include "adapters/driving/mcp/list.h"
#include "adapters/driving/mcp/content.h"
#include "adapters/driving/mcp/output_gate.h"

#define ALL_REVISIONS FEATURE_COUNT

struct member {
    struct str name;
    enum feature since; /* ALL_REVISIONS: every revision has it */
};

static const struct member tool_members[] = {
    {STR_INIT("title"), FEATURE_TITLE},
    {STR_INIT("description"), ALL_REVISIONS},
    {STR_INIT("icons"), FEATURE_ICONS},
    {STR_INIT("inputSchema"), ALL_REVISIONS},
    {STR_INIT("outputSchema"), FEATURE_STRUCTURED},
    {STR_INIT("annotations"), FEATURE_TOOL_ANNOTATIONS},
    {STR_INIT("_meta"), FEATURE_META},
};

static const struct member resource_members[] = {
    {STR_INIT("name"), ALL_REVISIONS},        {STR_INIT("title"), FEATURE_TITLE},
    {STR_INIT("description"), ALL_REVISIONS}, {STR_INIT("mimeType"), ALL_REVISIONS},
    {STR_INIT("size"), ALL_REVISIONS},        {STR_INIT("icons"), FEATURE_ICONS},
    {STR_INIT("annotations"), ALL_REVISIONS}, {STR_INIT("_meta"), FEATURE_META},
};

static const struct member template_members[] = {
    {STR_INIT("name"), ALL_REVISIONS},        {STR_INIT("title"), FEATURE_TITLE},
    {STR_INIT("description"), ALL_REVISIONS}, {STR_INIT("mimeType"), ALL_REVISIONS},
    {STR_INIT("icons"), FEATURE_ICONS},       {STR_INIT("annotations"), ALL_REVISIONS},
    {STR_INIT("_meta"), FEATURE_META},
};

static const struct member prompt_members[] = {
    {STR_INIT("title"), FEATURE_TITLE},
    {STR_INIT("description"), ALL_REVISIONS},
    {STR_INIT("icons"), FEATURE_ICONS},
    {STR_INIT("arguments"), ALL_REVISIONS},
    {STR_INIT("_meta"), FEATURE_META},
};

#define MEMBERS(table) (table), sizeof(table) / sizeof((table)[0])

static const struct shape {
    struct str key; /* the member that names the item */
    const struct member *members;
    size_t count;
} shapes[ITEM_KINDS] = {
    [ITEM_TOOL] = {STR_INIT("name"), MEMBERS(tool_members)},
    [ITEM_RESOURCE] = {STR_INIT("uri"), MEMBERS(resource_members)},
    [ITEM_TEMPLATE] = {STR_INIT("uriTemplate"), MEMBERS(template_members)},
    [ITEM_PROMPT] = {STR_INIT("name"), MEMBERS(prompt_members)},
};

/* An outputSchema whose root is no object is for those who know any JSON value. */
static bool fits(enum revision revision, struct json key, struct json value)
{
    return !json_is(key, STR("outputSchema")) || revision_has(revision, FEATURE_STRUCTURED_ANY) ||
           output_gate_passes(value);
}

static bool is_sent(const struct shape *shape, enum revision revision, struct json key,
                    struct json value)
{
    for (size_t i = 0; i < shape->count; i++) {
        const struct member *member = &shape->members[i];
        if (json_is(key, member->name))
            return (member->since == ALL_REVISIONS || revision_has(revision, member->since)) &&
                   fits(revision, key, value);
    }
    return false;
}

static void write_argument(struct json_writer *w, enum revision revision, struct json argument)
{
    json_begin_object(w);
    struct json_iter it = json_iter(argument);
    while (json_next(&it))
        if (!json_is(it.key, STR("title")) || revision_has(revision, FEATURE_TITLE))
            json_put_member(w, it.key, it.value);
    json_end_object(w);
}

static void write_arguments(struct json_writer *w, enum revision revision, struct json arguments)
{
    json_begin_array(w);
    struct json_iter it = json_iter(arguments);
    while (json_next(&it))
        write_argument(w, revision, it.value);
    json_end_array(w);
}

static void write_member(struct json_writer *w, enum revision revision, struct json key,
                         struct json value)
{
    json_key_raw(w, key);
    if (json_is(key, STR("arguments")))
        write_arguments(w, revision, value);
    else if (json_is(key, STR("annotations")))
        content_write_known(w, revision, value);
    else
        json_write_raw(w, json_text(value));
}

static void write_execution(struct json_writer *w, enum revision revision, const struct item *item)
{
    static const struct str words[] = {STR_INIT("forbidden"), STR_INIT("optional"),
                                       STR_INIT("required")};
    if (item->kind != ITEM_TOOL || item->task_support == TASK_FORBIDDEN ||
        !revision_has_core_tasks(revision))
        return;
    json_key(w, STR("execution"));
    json_begin_object(w);
    json_put_string(w, STR("taskSupport"), words[item->task_support]);
    json_end_object(w);
}

void list_item_write(struct json_writer *w, enum revision revision, const struct item *item)
{
    const struct shape *shape = &shapes[item->kind];
    struct json_doc *doc;
    /* The definition was read when it was loaded, so this is want of memory. A list without the
     * item would be kept and believed. */
    if (json_parse(item->json, &doc, NULL)) {
        w->out->failed = true;
        return;
    }
    json_begin_object(w);
    json_put_string(w, shape->key, item->name);
    struct json_iter it = json_iter(json_root(doc));
    while (json_next(&it))
        if (is_sent(shape, revision, it.key, it.value))
            write_member(w, revision, it.key, it.value);
    write_execution(w, revision, item);
    json_end_object(w);
    json_free(doc);
}
