/* A page as web-scraper gets it: a line with a selector, one with the content type, robots.txt up to a NUL,
 * then the page. */
#include "tests/fuzz/tool_with_http.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

static hexmcp_str type, robots, page;

static void answer(hexmcp_str url, struct http_fuzz_answer *a)
{
    static const char name[] = "/robots.txt\"";
    a->type = type;
    a->body = page;
    if (url.len >= sizeof(name) && memcmp(url.ptr + url.len - 12, name, 12) == 0)
        a->body = robots;
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    hexmcp_str all = {(const char *)data, size};
    hexmcp_str selector = http_fuzz_part(&all, '\n');
    hexmcp_json_writer w;
    type = http_fuzz_part(&all, '\n');
    robots = http_fuzz_part(&all, '\0');
    page = all;
    hexmcp_json_writer_init(&w);
    hexmcp_json_begin_object(&w);
    hexmcp_json_put_text(&w, "input", "http://example.org/a/b?c");
    if (selector.len > 0)
        hexmcp_json_put_string(&w, "selector", selector);
    hexmcp_json_put_bool(&w, "extract_links", 1);
    hexmcp_json_put_bool(&w, "extract_images", 1);
    hexmcp_json_put_bool(&w, "extract_meta", 1);
    hexmcp_json_end_object(&w);
    http_fuzz("web-scraper", "{}", hexmcp_json_writer_text(&w), answer);
    hexmcp_json_writer_free(&w);
    return 0;
}
