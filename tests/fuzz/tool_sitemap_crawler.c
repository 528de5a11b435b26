/* Sitemaps as sitemap-crawler gets them: those whose address ends with "b" come after a line "--NEXT--". */
#include "tests/fuzz/tool_with_http.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

static hexmcp_str first, second;

static void answer(hexmcp_str url, struct http_fuzz_answer *a)
{
    a->body = url.len > 1 && url.ptr[url.len - 2] == 'b' ? second : first;
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    static const char args[] = "{\"input\":\"http://example.org/a\",\"ignore_robots\":true,"
                               "\"delay_ms\":0,\"timeout_ms\":1000,\"max_urls\":100}";
    const char *cut = size ? memmem(data, size, "\n--NEXT--\n", 10) : NULL;
    hexmcp_str all = {(const char *)data, size};
    first = all;
    second = (hexmcp_str){"", 0};
    if (cut) {
        first.len = (size_t)(cut - all.ptr);
        second = (hexmcp_str){cut + 10, size - first.len - 10};
    }
    http_fuzz("sitemap-crawler", "{}", hexmcp_str_from(args), answer);
    return 0;
}
