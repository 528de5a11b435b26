/* Section 14, 2026-07-28: requests that stand alone. */
#include "tests/adapters/mcp_http/web.h"

#include <stdio.h>

#define DISCOVER REQUEST("1", "server/discover", META)
#define DISCOVERED(id)                                                                             \
    RESULT(id, "'resultType':'complete','supportedVersions':['2026-07-28'],"                       \
               CAPABILITIES_2026_07_28 ",'ttlMs':3600000,'cacheScope':'private'," SERVER_META)

static void test_s14_modern_request_is_answered_as_json(void **state)
{
    struct web *web = *state;
    struct http_exchange *x = post(web, MODERN_HEADERS("server/discover"), DISCOVER);
    expect_json(x, 200, DISCOVERED("1"));
    expect_no_header(x, "MCP-Session-Id");
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        WEB_TEST(test_s14_modern_request_is_answered_as_json),
    };
    cmocka_set_message_output(CM_OUTPUT_TAP);
    return cmocka_run_group_tests(tests, NULL, NULL);
}
