/* xml-processor: the first byte names the operation, the rest up to a zero byte is the query, the fields
 * or the schema, and what follows the document. */
#include "tests/fuzz/tool.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

static void put_operation(hexmcp_json_writer *w, unsigned which, hexmcp_str first)
{
    static const char *const names[] = {"parse", "query", "validate", "to_json", "format", "extract"};
    hexmcp_json_put_text(w, "operation", names[which % 6]);
    if (which % 6 == 1)
        hexmcp_json_put_string(w, "query", first);
    if (which % 6 == 2)
        hexmcp_json_put_string(w, "schema", first);
    if (which % 6 == 5) {
        hexmcp_json_put_text(w, "query", "//*");
        hexmcp_json_key(w, "fields");
        hexmcp_json_begin_object(w);
        hexmcp_json_put_string(w, "field", first);
        hexmcp_json_end_object(w);
    }
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    const hexmcp_tool_1 *tool = tool_load();
    hexmcp_error err = {.size = sizeof(err)};
    hexmcp_json_writer w;
    if (size < 2)
        return 0;
    const uint8_t *zero = memchr(data + 1, 0, size - 1);
    size_t len = zero ? (size_t)(zero - data) - 1 : 0;
    size_t used = zero ? len + 2 : 1;
    hexmcp_json_writer_init(&w);
    hexmcp_json_begin_object(&w);
    put_operation(&w, data[0], (hexmcp_str){(const char *)data + 1, len});
    hexmcp_json_put_string(&w, "input", (hexmcp_str){(const char *)data + used, size - used});
    hexmcp_json_end_object(&w);
    tool_completions = 0;
    int32_t status = tool->call(tool->self, 1, hexmcp_str_from("xml-processor"),
                                hexmcp_json_writer_text(&w), &err);
    assert(tool_completions == (status == HEXMCP_OK ? 1u : 0u));
    assert(status == HEXMCP_OK || status == HEXMCP_E_INVALID || status == HEXMCP_E_TOO_LARGE ||
           status == HEXMCP_E_UNAVAILABLE);
    assert(status == HEXMCP_OK || (err.code == status && err.text[0] != '\0'));
    hexmcp_json_writer_free(&w);
    return 0;
}
