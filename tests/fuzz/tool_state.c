/* tool-state: any bytes as arguments, over a platform that answers one thing or another, or fails. */
#include "hexmcp/ext/draft/operations.h"
#include "tests/fuzz/tool.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

static hexmcp_str answer;

static int32_t execute(void *ctx, hexmcp_call call, hexmcp_str name, hexmcp_str arguments, hexmcp_str bytes,
                       hexmcp_operation_piece_fn piece, hexmcp_reply_fn reply, void *arg, uint64_t *id)
{
    hexmcp_str place;
    (void)ctx;
    (void)bytes;
    (void)piece;
    (void)id;
    assert(call == 1 && hexmcp_str_begins(name, "state."));
    /* Whatever the arguments are, the place is one of the two. */
    assert(hexmcp_json_get(arguments, "scope", &place) == HEXMCP_OK &&
           (hexmcp_json_equals(place, "component") || hexmcp_json_equals(place, "session")));
    if (answer.len % 7 == 0)
        reply(arg, HEXMCP_E_NOT_FOUND, answer);
    else if (answer.len % 11 == 0)
        return HEXMCP_E_BUSY;
    else
        reply(arg, HEXMCP_OK, answer);
    return HEXMCP_OK;
}

static const void *services(void *ctx, const char *id)
{
    static const hexmcp_operations_1 operations = {.size = sizeof(operations), .execute = execute};
    (void)ctx;
    return strcmp(id, HEXMCP_OPERATIONS_1) == 0 ? &operations : NULL;
}

static int32_t complete(void *ctx, hexmcp_call call, uint32_t outcome, hexmcp_str json)
{
    (void)ctx;
    (void)outcome;
    assert(call == 1 && hexmcp_json_type(json) == HEXMCP_JSON_OBJECT);
    return HEXMCP_OK;
}

/* The first byte chooses what the platform answers. */
int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    static const hexmcp_host host = {.size = sizeof(host), .name = "fuzz", .version = "0",
                                     .get_interface = services, .complete = complete};
    static const hexmcp_plugin *plugin;
    hexmcp_error err = {.size = sizeof(err)};
    if (!plugin) {
        assert(hexmcp_plugin_create(&host, &plugin, &err) == HEXMCP_OK);
        assert(plugin->init(plugin->self, hexmcp_str_from("{}"), &err) == HEXMCP_OK);
    }
    static const char *const answers[] = {
        "{\"entries\":[{\"key\":\"a\",\"version\":1,\"bytes\":2,\"value\":null}]}",
        "{\"version\":4,\"conflict\":true,\"redacted\":2}",
        "{\"removed\":3,\"keys\":9007199254740993,\"bytes\":-1}",
        "{\"key\":\"a\",\"value\":[1],\"version\":1,\"updatedAt\":\"x\"}",
        "{}", "[]", "{\"entries\":{},\"removed\":\"x\"}"};
    answer = hexmcp_str_from(size > 0 ? answers[data[0] % (sizeof(answers) / sizeof(*answers))] : "");
    const hexmcp_tool_1 *tool = plugin->get_interface(plugin->self, HEXMCP_TOOL_1);
    int32_t status = tool->call(tool->self, 1, hexmcp_str_from("tool-state"),
                                (hexmcp_str){(const char *)data + (size > 0), size - (size > 0)}, &err);
    assert(status == HEXMCP_OK || (err.code == status && err.text[0] != '\0'));
    return 0;
}
