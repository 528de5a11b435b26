/* Arguments of graph-builder. It gives properties back as they came, so only strict JSON will do, which is
 * what a host passes. */
#include "core/json/json.h"
#include "tests/fuzz/tool.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    struct json_doc *json;
    if (json_parse((struct str){(const char *)data, size}, &json, NULL) != 0)
        return 0;
    json_free(json);
    const hexmcp_tool_1 *tool = tool_load();
    hexmcp_error err = {.size = sizeof(err)};
    hexmcp_str args = {(const char *)data, size};
    tool_completions = 0;
    int32_t status = tool->call(tool->self, 1, hexmcp_str_from("graph-builder"), args, &err);
    assert(tool_completions == (status == HEXMCP_OK ? 1u : 0u));
    assert(status == HEXMCP_OK || status == HEXMCP_E_INVALID || status == HEXMCP_E_TOO_LARGE ||
           status == HEXMCP_E_UNSUPPORTED || status == HEXMCP_E_NOT_FOUND);
    assert(status == HEXMCP_OK || (err.code == status && err.text[0] != '\0'));
    return 0;
}
