#include "core/toolset/facade.h"

#include <stdlib.h>

#include "core/json/json.h"
#include "core/json/writer.h"
#include "core/toolset/find_tools.h"

#define SEARCH "tool_search"
#define CALL "tool_call"

static const char search_json[] =
    "{\"title\":\"Search for tools\",\"description\":\"Finds tools of this server that are not "
    "listed, by what they do. Say in a few English words what is to be done, such as \\\"resize an "
    "image\\\" or \\\"query a database\\\". The result holds the best tools with their input schemas; "
    "call one of them with " CALL ". Search before saying that there is no tool for something.\","
    "\"inputSchema\":{\"type\":\"object\",\"properties\":{"
    "\"query\":{\"type\":\"string\",\"maxLength\":1000,\"description\":\"What is to be done. Without it "
    "all tools are given, page by page.\"},"
    "\"category\":{\"type\":\"string\",\"maxLength\":32,\"description\":\"Only tools of this category, "
    "such as files, data, web, media or system.\"},"
    "\"level\":{\"type\":\"string\",\"enum\":[\"safe\",\"restricted\",\"privileged\"],"
    "\"description\":\"Only tools up to this level.\"},"
    "\"read_only\":{\"type\":\"boolean\",\"description\":\"true: only tools that change nothing.\"},"
    "\"limit\":{\"type\":\"integer\",\"minimum\":1,\"maximum\":50,\"default\":5,"
    "\"description\":\"How many tools to give.\"},"
    "\"offset\":{\"type\":\"integer\",\"minimum\":0,\"maximum\":1000000,\"default\":0,"
    "\"description\":\"How many to step over: next_offset of the result before.\"}},"
    "\"additionalProperties\":false},"
    "\"outputSchema\":{\"type\":\"object\",\"properties\":{"
    "\"tools\":{\"type\":\"array\",\"description\":\"The best first.\",\"items\":{\"type\":\"object\","
    "\"properties\":{\"name\":{\"type\":\"string\"},\"title\":{\"type\":\"string\"},"
    "\"description\":{\"type\":\"string\"},\"category\":{\"type\":\"string\"},"
    "\"level\":{\"type\":\"string\"},\"read_only\":{\"type\":\"boolean\"},"
    "\"inputSchema\":{\"type\":\"object\"}},"
    "\"required\":[\"name\",\"level\",\"read_only\",\"inputSchema\"]}},"
    "\"total\":{\"type\":\"integer\",\"description\":\"How many tools fit.\"},"
    "\"next_offset\":{\"type\":\"integer\",\"description\":\"There are more from here on.\"},"
    "\"categories\":{\"type\":\"object\",\"description\":\"When nothing fits: what categories there are, "
    "with the number of tools.\",\"additionalProperties\":{\"type\":\"integer\"}}},"
    "\"required\":[\"tools\",\"total\"]},"
    "\"annotations\":{\"readOnlyHint\":true,\"destructiveHint\":false,\"idempotentHint\":true,"
    "\"openWorldHint\":false}}";

static const char call_json[] =
    "{\"title\":\"Call a tool\",\"description\":\"Calls a tool that " SEARCH " has found. The result is "
    "that of the tool.\",\"inputSchema\":{\"type\":\"object\",\"properties\":{"
    "\"name\":{\"type\":\"string\",\"minLength\":1,\"maxLength\":128,"
    "\"description\":\"The name of the tool, as " SEARCH " gave it.\"},"
    "\"arguments\":{\"type\":\"object\",\"description\":\"Its arguments, as its inputSchema wants "
    "them.\"}},\"required\":[\"name\"],\"additionalProperties\":false},"
    "\"annotations\":{\"readOnlyHint\":false,\"destructiveHint\":true,\"idempotentHint\":false,"
    "\"openWorldHint\":true}}";

struct facade {
    struct plugin_runtime runtime;
    const struct plugin_runtime *plugins;
    const struct run_events *events;
    struct tool_finder *finder;
};

static struct item facade_item(const char *name, const char *json)
{
    return (struct item){
        .kind = ITEM_TOOL,
        .local_name = str_from(name),
        .plugin_id = STR("hexmcp"),
        .json = str_from(json),
        .plugin = FACADE_PLUGIN,
        .timeout_ms = 30000,
        .slots = 64,
        .queue = 1024,
        .run_inline = true,
        .inline_bytes = UINT32_MAX,
        .level = TOOL_SAFE,
    };
}

int facade_register(struct registry *registry, struct error *err)
{
    const struct item tools[FACADE_TOOLS] = {facade_item(SEARCH, search_json),
                                             facade_item(CALL, call_json)};
    int rc = ST_OK;
    for (size_t i = 0; !rc && i < FACADE_TOOLS; i++)
        rc = registry_add(registry, &tools[i], err);
    return rc;
}

static bool is_call(const struct item *tool)
{
    return item_is_facade(tool) && str_eq(tool->local_name, STR(CALL));
}

bool facade_unwrap(const struct item *tool, struct json arguments, struct facade_call *out)
{
    struct json name = json_get(arguments, STR("name"));
    struct json inner = json_get(arguments, STR("arguments"));
    if (!is_call(tool) || json_type(name) != JSON_STRING || json_is(name, STR(CALL)) ||
        json_count(arguments) != 1u + json_exists(inner))
        return false;
    if (json_exists(inner) && json_type(inner) != JSON_OBJECT)
        return false;
    *out = (struct facade_call){name, inner};
    return true;
}

static void complete(const struct facade *facade, const struct run_request *request,
                     enum run_outcome outcome, struct str json)
{
    facade->events->completed(facade->events->ctx, request->call, outcome, json);
}

static int search(struct facade *facade, const struct run_request *request, struct error *err)
{
    struct call_context context = {.caller = request->caller};
    struct buffer out = BUFFER_INIT;
    int rc = find_tools(facade->finder, &context, request->arguments, &out, err);
    if (!rc)
        complete(facade, request, RUN_RESULT, buffer_str(&out));
    buffer_clear(&out);
    return rc;
}

static int run(void *ctx, const struct run_request *request, struct error *err)
{
    struct facade *facade = ctx;
    if (request->plugin != FACADE_PLUGIN)
        return facade->plugins->run(facade->plugins->ctx, request, err);
    if (request->action != ACTION_CALL)
        return error_set(err, ST_UNSUPPORTED, "the facade has tools alone");
    if (str_eq(request->name, STR(SEARCH)))
        return search(facade, request, err);
    complete(facade, request, RUN_TOOL_ERROR,
             STR("{\"content\":[{\"type\":\"text\",\"text\":\"" CALL " does not call itself; give it the "
                 "name of a tool that " SEARCH " has found\"}]}"));
    return ST_OK;
}

static void attach(void *ctx, const struct run_events *events)
{
    struct facade *facade = ctx;
    facade->events = events;
    facade->plugins->attach(facade->plugins->ctx, events);
}

/* What runs here has ended before anybody can stop it. */
static void cancel(void *ctx, uint64_t call)
{
    const struct facade *facade = ctx;
    facade->plugins->cancel(facade->plugins->ctx, call);
}

static void abandon(void *ctx, uint64_t call)
{
    const struct facade *facade = ctx;
    facade->plugins->abandon(facade->plugins->ctx, call);
}

struct facade *facade_new(struct registry *registry, struct tool_set *set,
                          const struct policy *policy, const struct plugin_runtime *plugins)
{
    struct facade *facade = calloc(1, sizeof(*facade));
    struct tool_finder *finder = facade ? tool_finder_new(registry, set, policy) : NULL;
    if (!finder) {
        free(facade);
        return NULL;
    }
    facade->runtime = (struct plugin_runtime){facade, attach, run, cancel, abandon};
    facade->plugins = plugins;
    facade->finder = finder;
    return facade;
}

void facade_free(struct facade *facade)
{
    if (!facade)
        return;
    tool_finder_free(facade->finder);
    free(facade);
}

const struct plugin_runtime *facade_runtime(struct facade *facade)
{
    return &facade->runtime;
}
