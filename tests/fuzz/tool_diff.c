/* diff-calculator: any bytes as arguments if they begin with a brace. Else the first byte chooses
 * among the options, and what follows are the old and the new text, cut at the first byte 0xFF. */
#include "tests/fuzz/tool.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

static void compare(uint8_t options, hexmcp_str old_text, hexmcp_str new_text)
{
    static const char *const formats[] = {"unified", "context", "inline", "simple"};
    static const char *const spaces[] = {"none", "at_end", "amount", "all"};
    hexmcp_json_writer w;
    hexmcp_json_writer_init(&w);
    hexmcp_json_begin_object(&w);
    hexmcp_json_put_string(&w, "old_text", old_text);
    hexmcp_json_put_string(&w, "new_text", new_text);
    hexmcp_json_put_text(&w, "algorithm", options & 1 ? "patience" : "myers");
    if (options & 2) {
        hexmcp_json_put_text(&w, "type", "json");
        hexmcp_json_put_text(&w, "format", options & 4 ? "json-patch" : "changes");
        hexmcp_json_put_bool(&w, "exact_numbers", options & 8);
    } else {
        hexmcp_json_put_text(&w, "format", formats[options >> 2 & 3]);
        hexmcp_json_put_text(&w, "ignore_whitespace", spaces[options >> 4 & 3]);
        hexmcp_json_put_int64(&w, "context_lines", options >> 6);
    }
    hexmcp_json_end_object(&w);
    hexmcp_str args = hexmcp_json_writer_text(&w);
    tool_fuzz("diff-calculator", (const uint8_t *)args.ptr, args.len);
    hexmcp_json_writer_free(&w);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    if (size == 0 || data[0] == '{') {
        tool_fuzz("diff-calculator", data, size);
        return 0;
    }
    const char *text = (const char *)data + 1;
    const char *cut = memchr(text, 0xFF, size - 1);
    size_t len = cut ? (size_t)(cut - text) : size - 1;
    hexmcp_str rest = {"", 0};
    if (cut)
        rest = (hexmcp_str){cut + 1, size - 2 - len};
    compare(data[0], (hexmcp_str){text, len}, rest);
    return 0;
}
