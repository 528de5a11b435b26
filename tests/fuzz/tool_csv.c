/* csv-analyzer: the first byte names the operation, the rest up to a zero byte is the filter or a template,
 * and what follows the table. */
#include "tests/fuzz/tool.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

static void put_options(hexmcp_json_writer *w, unsigned which, hexmcp_str first)
{
    static const char *const formats[] = {"json", "jsonl", "tsv", "csv"};
    unsigned operation = which % 6;
    hexmcp_json_key(w, "options");
    hexmcp_json_begin_object(w);
    if (operation != 0 && operation != 4)
        hexmcp_json_put_text(w, "format", formats[which / 6 % 4]);
    if (operation == 2)
        hexmcp_json_put_string(w, "filter", first);
    if (operation == 3) {
        hexmcp_json_key(w, "add_columns");
        hexmcp_json_begin_object(w);
        hexmcp_json_put_string(w, "made", first);
        hexmcp_json_end_object(w);
    }
    if (operation == 5)
        hexmcp_json_put_text(w, "method", "random");
    if (which >= 128)
        hexmcp_json_put_bool(w, "has_headers", which & 64);
    hexmcp_json_end_object(w);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    static const char *const names[] = {"analyze",   "convert",  "filter", "transform",
                                        "validate", "sample"};
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
    hexmcp_json_put_text(&w, "operation", names[data[0] % 6]);
    put_options(&w, data[0], (hexmcp_str){(const char *)data + 1, len});
    hexmcp_json_put_string(&w, "input", (hexmcp_str){(const char *)data + used, size - used});
    hexmcp_json_end_object(&w);
    tool_completions = 0;
    int32_t status = tool->call(tool->self, 1, hexmcp_str_from("csv-analyzer"),
                                hexmcp_json_writer_text(&w), &err);
    assert(tool_completions == (status == HEXMCP_OK ? 1u : 0u));
    assert(status == HEXMCP_OK || status == HEXMCP_E_INVALID || status == HEXMCP_E_TOO_LARGE);
    assert(status == HEXMCP_OK || (err.code == status && err.text[0] != '\0'));
    hexmcp_json_writer_free(&w);
    return 0;
}
