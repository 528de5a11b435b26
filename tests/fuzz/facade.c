/* The facade over tools of a hostile author, asked by a hostile client: the first line is the arguments of
 * tool_search and tool_call, each further one the definition of a tool. */
#include <stdio.h>
#include <stdlib.h>

#include "core/json/compact.h"
#include "core/json/json.h"
#include "core/toolset/cost.h"
#include "core/toolset/facade.h"
#include "core/toolset/find_tools.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

static void check(bool good)
{
    if (!good)
        abort();
}

static struct str next_line(struct str *rest)
{
    const char *end = rest->len ? memchr(rest->ptr, '\n', rest->len) : NULL;
    size_t len = end ? (size_t)(end - rest->ptr) : rest->len;
    struct str line = {rest->ptr, len};
    *rest = (struct str){rest->ptr + len + (end != NULL), rest->len - len - (end != NULL)};
    return line;
}

static bool is_json(struct str text)
{
    struct json_doc *doc;
    if (json_parse(text, &doc, NULL))
        return false;
    json_free(doc);
    return true;
}

/* Compact JSON is JSON, and as short as it gets. */
static void check_compact(struct str json)
{
    struct buffer once = BUFFER_INIT, twice = BUFFER_INIT;
    size_t len = json_compact(&once, json);
    check(len == once.len && len == json_compact(NULL, json) && is_json(buffer_str(&once)));
    json_compact(&twice, buffer_str(&once));
    check(str_eq(buffer_str(&once), buffer_str(&twice)));
    buffer_clear(&once);
    buffer_clear(&twice);
}

static void add_tools(struct registry *registry, struct str rest)
{
    char name[16];
    for (unsigned i = 0; rest.len && i < 20; i++) {
        struct str line = next_line(&rest);
        if (!is_json(line))
            continue;
        check_compact(line);
        snprintf(name, sizeof(name), "tool%u", i);
        struct item tool = {.local_name = str_from(name),
                            .plugin_id = STR("org.example.fuzz"),
                            .category = i % 2 ? STR("web") : STR(""),
                            .level = (enum tool_level)(i % 3),
                            .json = line};
        check(registry_add_copy(registry, &tool, NULL) == ST_OK);
    }
}

static void call(struct registry *registry, struct str arguments)
{
    struct json_doc *doc;
    struct facade_call meant;
    if (json_parse(arguments, &doc, NULL))
        return;
    const struct item *tool = registry_find(registry, ITEM_TOOL, STR("tool_call"));
    if (facade_unwrap(tool, json_root(doc), &meant))
        check(json_type(meant.name) == JSON_STRING && !json_is(meant.name, STR("tool_call")));
    json_free(doc);
}

static void search(struct registry *registry, struct tool_set *set, struct str arguments)
{
    static const struct caller caller = {.id = STR_INIT("fuzz"), .tenant = STR_INIT("local")};
    struct policy policy = {.highest_level = TOOL_RESTRICTED};
    struct call_context context = {.caller = &caller};
    struct tool_finder *finder = tool_finder_new(registry, set, &policy);
    for (int i = 0; i < 2; i++) { /* the second time over the index that is there */
        struct buffer out = BUFFER_INIT;
        if (find_tools(finder, &context, arguments, &out, NULL) == ST_OK)
            check(is_json(buffer_str(&out)));
        buffer_clear(&out);
    }
    tool_finder_free(finder);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    struct str rest = {(const char *)data, size};
    struct str arguments = next_line(&rest);
    struct registry *registry = registry_new();
    struct tool_set_parts parts = {.registry = registry,
                                   .highest_level = TOOL_RESTRICTED,
                                   .profile = STR("everything"),
                                   .profiles = STR("{}"),
                                   .facade = FACADE_AUTO,
                                   .max_tokens = (uint32_t)(size % 1000) + 1};
    struct tool_set *set;
    check(facade_register(registry, NULL) == ST_OK && tool_set_new(&parts, &set, NULL) == ST_OK);
    add_tools(registry, rest);
    struct tool_set_summary sum = tool_set_summary(set);
    check(sum.listed + sum.cut + sum.outside == sum.all && sum.outside == 0);
    search(registry, set, arguments);
    call(registry, arguments);
    tool_set_free(set);
    registry_free(registry);
    return 0;
}
