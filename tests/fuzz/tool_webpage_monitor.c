/* Two versions of a page as webpage-monitor compares them: a line with a selector, the old text up to a NUL,
 * then the page. */
#include "tests/fuzz/tool_with_http.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

static hexmcp_str page;

static void answer(hexmcp_str url, struct http_fuzz_answer *a)
{
    (void)url;
    a->type = hexmcp_str_from("text/html");
    a->body = page;
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    hexmcp_str all = {(const char *)data, size};
    hexmcp_str selector = http_fuzz_part(&all, '\n');
    hexmcp_str old = http_fuzz_part(&all, '\0');
    hexmcp_json_writer w;
    page = all;
    hexmcp_json_writer_init(&w);
    hexmcp_json_begin_object(&w);
    hexmcp_json_put_text(&w, "input", "http://example.org/a");
    hexmcp_json_put_bool(&w, "ignore_robots", 1);
    hexmcp_json_put_bool(&w, "ignore_whitespace", size % 2);
    if (selector.len > 0)
        hexmcp_json_put_string(&w, "selector", selector);
    hexmcp_json_put_string(&w, "previous_content", old);
    hexmcp_json_end_object(&w);
    http_fuzz("webpage-monitor", "{}", hexmcp_json_writer_text(&w), answer);
    hexmcp_json_writer_free(&w);
    return 0;
}
