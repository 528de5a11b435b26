#include "core/toolset/find_tools.h"

#include <stdlib.h>

#include "core/json/compact.h"
#include "core/json/json.h"
#include "core/json/writer.h"
#include "core/search/bm25.h"
#include "core/toolset/facade.h"

#define DEFAULT_LIMIT 5

/* What a word in a part of a definition counts. */
enum { IN_NAME = 6, IN_TITLE = 4, IN_CATEGORY = 3, IN_ALIAS = 3, IN_DESCRIPTION = 1, IN_ARGUMENT = 1 };

struct tool_finder {
    struct registry *registry;
    struct tool_set *set;
    const struct policy *policy;
    uint64_t generation; /* of the list that is in the index; 0: none */
    struct bm25 *index;
    const struct item **tools; /* by number of the document; valid while the list is the same */
    size_t count;
};

struct wanted {
    struct json_doc *doc;
    struct str query, category;
    struct buffer scratch, category_scratch;
    enum tool_level level;
    bool read_only;
    size_t offset, limit;
};

struct tool_finder *tool_finder_new(struct registry *registry, struct tool_set *set,
                                    const struct policy *policy)
{
    struct tool_finder *finder = calloc(1, sizeof(*finder));
    if (finder) {
        finder->registry = registry;
        finder->set = set;
        finder->policy = policy;
    }
    return finder;
}

static void forget(struct tool_finder *finder)
{
    bm25_free(finder->index);
    free(finder->tools);
    finder->index = NULL;
    finder->tools = NULL;
    finder->count = 0;
    finder->generation = 0;
}

void tool_finder_free(struct tool_finder *finder)
{
    if (!finder)
        return;
    forget(finder);
    free(finder);
}

/* ---- the index ---- */

static void add_string(struct bm25 *index, struct json text, uint32_t weight)
{
    struct buffer scratch = BUFFER_INIT;
    struct str plain;
    if (json_string(text, &scratch, &plain))
        bm25_add(index, plain, weight);
    buffer_clear(&scratch);
}

static void add_arguments(struct bm25 *index, struct json schema)
{
    struct json_iter it = json_iter(json_get(schema, STR("properties")));
    while (json_next(&it)) {
        add_string(index, it.key, IN_ARGUMENT);
        struct json_iter word = json_iter(json_get(it.value, STR("enum")));
        while (json_next(&word))
            add_string(index, word.value, IN_ARGUMENT);
    }
}

static void add_aliases(struct bm25 *index, struct json aliases)
{
    struct json_iter it = json_iter(aliases);
    while (json_next(&it))
        add_string(index, it.value, IN_ALIAS);
}

static bool add_tool(struct tool_finder *finder, const struct item *tool)
{
    struct json_doc *doc;
    struct bm25 *index = finder->index;
    if (json_parse(tool->json, &doc, NULL))
        return false;
    struct json root = json_root(doc);
    bm25_document(index);
    bm25_add(index, tool->name, IN_NAME);
    bm25_add(index, tool->category, IN_CATEGORY);
    add_string(index, json_get(root, STR("title")), IN_TITLE);
    add_string(index, json_get(root, STR("description")), IN_DESCRIPTION);
    add_arguments(index, json_get(root, STR("inputSchema")));
    add_aliases(index, json_get(json_get(root, STR("run")), STR("aliases")));
    json_free(doc);
    finder->tools[finder->count++] = tool;
    return !bm25_failed(index);
}

static int refresh(struct tool_finder *finder, struct error *err)
{
    uint64_t now = registry_generation(finder->registry, ITEM_TOOL);
    const struct item *tool = NULL;
    if (finder->generation == now)
        return ST_OK;
    forget(finder);
    finder->index = bm25_new();
    finder->tools = calloc(registry_count(finder->registry, ITEM_TOOL) + 1, sizeof(*finder->tools));
    bool good = finder->index && finder->tools;
    while (good && (tool = registry_next(finder->registry, ITEM_TOOL, tool ? tool->order : 0)))
        good = item_is_facade(tool) || add_tool(finder, tool);
    if (!good) {
        forget(finder);
        return error_set(err, ST_NOMEM, "out of memory");
    }
    finder->generation = now;
    return ST_OK;
}

/* ---- what is wanted ---- */

static size_t number(struct json v, size_t initial)
{
    int64_t value;
    double real;
    if (json_int64(v, &value))
        return (size_t)value;
    return json_double(v, &real) ? (size_t)real : initial; /* 5.0 is an integer, too */
}

static void read_level(struct json v, enum tool_level *out)
{
    static const enum tool_level levels[] = {TOOL_SAFE, TOOL_RESTRICTED, TOOL_PRIVILEGED};
    for (size_t i = 0; i < 3; i++)
        if (json_is(v, str_from(policy_level_name(levels[i]))))
            *out = levels[i];
}

static int read_wanted(struct str arguments, struct wanted *w, struct error *err)
{
    *w = (struct wanted){.level = TOOL_PRIVILEGED};
    int rc = json_parse(arguments, &w->doc, err);
    if (rc)
        return rc;
    struct json root = json_root(w->doc);
    json_string(json_get(root, STR("query")), &w->scratch, &w->query);
    json_string(json_get(root, STR("category")), &w->category_scratch, &w->category);
    read_level(json_get(root, STR("level")), &w->level);
    json_bool(json_get(root, STR("read_only")), &w->read_only);
    w->limit = number(json_get(root, STR("limit")), DEFAULT_LIMIT);
    w->offset = number(json_get(root, STR("offset")), 0);
    return ST_OK;
}

static void clear_wanted(struct wanted *w)
{
    buffer_clear(&w->scratch);
    buffer_clear(&w->category_scratch);
    json_free(w->doc);
}

static bool may_be_found(const struct tool_finder *finder, const struct call_context *context,
                         const struct item *tool)
{
    return policy_may_see(finder->policy, context, tool) && tool_set_has(finder->set, tool);
}

static bool only_reads(struct json definition)
{
    bool value = false;
    json_bool(json_get(json_get(definition, STR("annotations")), STR("readOnlyHint")), &value);
    return value;
}

static bool fits(const struct wanted *w, const struct item *tool)
{
    struct json_doc *doc;
    if (tool->level > w->level || (w->category.len && !str_eq(w->category, tool->category)))
        return false;
    if (!w->read_only)
        return true;
    if (json_parse(tool->json, &doc, NULL))
        return false;
    bool good = only_reads(json_root(doc));
    json_free(doc);
    return good;
}

/* ---- the result ---- */

static int write_tool(struct json_writer *w, const struct item *tool, struct error *err)
{
    static const struct str members[] = {STR_INIT("title"), STR_INIT("description")};
    struct json_doc *doc;
    int rc = json_parse(tool->json, &doc, err);
    if (rc)
        return rc;
    json_begin_object(w);
    json_put_string(w, STR("name"), tool->name);
    for (size_t i = 0; i < 2; i++)
        if (json_exists(json_get(json_root(doc), members[i])))
            json_put_raw(w, members[i], json_text(json_get(json_root(doc), members[i])));
    if (tool->category.len)
        json_put_string(w, STR("category"), tool->category);
    json_put_string(w, STR("level"), str_from(policy_level_name(tool->level)));
    json_put_bool(w, STR("read_only"), only_reads(json_root(doc)));
    json_key(w, STR("inputSchema"));
    json_compact(w->out, json_text(json_get(json_root(doc), STR("inputSchema"))));
    w->comma = true;
    json_end_object(w);
    json_free(doc);
    return ST_OK;
}

/* True if an earlier tool that may be found has the same category. */
static bool category_is_known(const struct tool_finder *finder, const struct call_context *context,
                              size_t at)
{
    for (size_t i = 0; i < at; i++)
        if (str_eq(finder->tools[i]->category, finder->tools[at]->category) &&
            may_be_found(finder, context, finder->tools[i]))
            return true;
    return false;
}

static void write_categories(const struct tool_finder *finder, const struct call_context *context,
                             struct json_writer *w)
{
    json_key(w, STR("categories"));
    json_begin_object(w);
    for (size_t i = 0; i < finder->count; i++) {
        struct str category = finder->tools[i]->category;
        int64_t count = 0;
        if (!category.len || !may_be_found(finder, context, finder->tools[i]) ||
            category_is_known(finder, context, i))
            continue;
        for (size_t k = i; k < finder->count; k++)
            count += str_eq(finder->tools[k]->category, category) &&
                     may_be_found(finder, context, finder->tools[k]);
        json_put_i64(w, category, count);
    }
    json_end_object(w);
}

/* The numbers of the tools that fit, the best first. */
static int rank(const struct tool_finder *finder, const struct call_context *context,
                const struct wanted *w, struct bm25_hit *hits, size_t *count, struct error *err)
{
    size_t found = 0, kept = 0;
    int rc = ST_OK;
    if (w->query.len) {
        rc = bm25_search(finder->index, w->query, hits, &found, err);
    } else {
        for (; found < finder->count; found++)
            hits[found].document = (uint32_t)found;
    }
    for (size_t i = 0; !rc && i < found; i++) {
        const struct item *tool = finder->tools[hits[i].document];
        if (may_be_found(finder, context, tool) && fits(w, tool))
            hits[kept++] = hits[i];
    }
    *count = kept;
    return rc;
}

static int write_result(const struct tool_finder *finder, const struct call_context *context,
                        const struct wanted *wanted, const struct bm25_hit *hits, size_t count,
                        struct buffer *out, struct error *err)
{
    struct json_writer w = json_writer(out);
    size_t at = wanted->offset, end = at + wanted->limit;
    int rc = ST_OK;
    json_begin_object(&w);
    json_key(&w, STR("structuredContent"));
    json_begin_object(&w);
    json_key(&w, STR("tools"));
    json_begin_array(&w);
    for (; !rc && at < count && at < end; at++)
        rc = write_tool(&w, finder->tools[hits[at].document], err);
    json_end_array(&w);
    json_put_i64(&w, STR("total"), (int64_t)count);
    if (at < count)
        json_put_i64(&w, STR("next_offset"), (int64_t)at);
    if (count == 0)
        write_categories(finder, context, &w);
    json_end_object(&w);
    json_end_object(&w);
    if (!rc && buffer_failed(out))
        rc = error_set(err, ST_NOMEM, "out of memory");
    return rc;
}

int find_tools(struct tool_finder *finder, const struct call_context *context, struct str arguments,
               struct buffer *out, struct error *err)
{
    struct wanted wanted;
    size_t count = 0;
    int rc = refresh(finder, err);
    if (!rc)
        rc = read_wanted(arguments, &wanted, err);
    if (rc)
        return rc;
    struct bm25_hit *hits = calloc(finder->count + 1, sizeof(*hits));
    rc = hits ? rank(finder, context, &wanted, hits, &count, err)
              : error_set(err, ST_NOMEM, "out of memory");
    if (!rc)
        rc = write_result(finder, context, &wanted, hits, count, out, err);
    free(hits);
    clear_wanted(&wanted);
    return rc;
}
