/* json-processor: a jq program, up to the first zero byte, on a text. */
#include "tests/fuzz/tool.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);
const char *__lsan_default_suppressions(void);

/* Some functions of libjq 1.6 leak by themselves, indices(1) for one. */
const char *__lsan_default_suppressions(void)
{
    return "leak:libjq.so\n";
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    const hexmcp_tool_1 *tool = tool_load();
    hexmcp_error err = {.size = sizeof(err)};
    hexmcp_json_writer w;
    if (size < 2)
        return 0;
    const uint8_t *zero = memchr(data + 1, 0, size - 1);
    const char *query = (const char *)data + 1;
    size_t query_len = zero ? (size_t)(zero - data) - 1 : size - 1;
    size_t used = zero ? query_len + 2 : size;
    hexmcp_json_writer_init(&w);
    hexmcp_json_begin_object(&w);
    hexmcp_json_put_text(&w, "operation", data[0] & 1 ? "stream" : "query");
    hexmcp_json_put_string(&w, "query", (hexmcp_str){query, query_len});
    hexmcp_json_put_string(&w, "input", (hexmcp_str){(const char *)data + used, size - used});
    hexmcp_json_put_int64(&w, "timeout_ms", 200);
    hexmcp_json_end_object(&w);
    tool_completions = 0;
    int32_t status = tool->call(tool->self, 1, hexmcp_str_from("json-processor"),
                                hexmcp_json_writer_text(&w), &err);
    assert(tool_completions == (status == HEXMCP_OK ? 1u : 0u));
    assert(status == HEXMCP_OK || status == HEXMCP_E_INVALID || status == HEXMCP_E_TOO_LARGE ||
           status == HEXMCP_E_TIMEOUT || status == HEXMCP_E_UNAVAILABLE);
    assert(status == HEXMCP_OK || (err.code == status && err.text[0] != '\0'));
    hexmcp_json_writer_free(&w);
    return 0;
}
