/*
 * Any text as a URL for url-analyzer: what it makes of a URL is a URL again, and that one is its own
 * normal form. And any bytes as its arguments.
 */
#include "plugins/tools/url-analyzer/report.h"
#include "tests/fuzz/tool.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

static void check_again(const struct url *url)
{
    struct bytes once = {0}, twice = {0};
    struct url again;
    assert(url_write(url, &once));
    const char *wrong = url_parse(bytes_str(&once), &again);
    assert(!wrong);
    assert(url_write(&again, &twice));
    assert(once.len == twice.len && memcmp(once.ptr, twice.ptr, once.len) == 0);
    url_free(&again);
    bytes_free(&once);
    bytes_free(&twice);
}

static void check_report(hexmcp_str text, const struct url *url)
{
    hexmcp_json_writer w;
    hexmcp_json_writer_init(&w);
    hexmcp_json_begin_object(&w);
    const struct report report = {&w, text, url, true};
    assert(report_put(&report));
    hexmcp_json_end_object(&w);
    assert(hexmcp_json_writer_status(&w) == HEXMCP_OK);
    hexmcp_json_writer_free(&w);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    hexmcp_str text = {(const char *)data, size};
    struct url url;
    if (!url_parse(text, &url)) {
        check_again(&url);
        check_report(text, &url);
    }
    url_free(&url);
    tool_fuzz("url-analyzer", data, size);
    return 0;
}
