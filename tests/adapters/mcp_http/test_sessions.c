/* Section 14, handshake era: sessions. */
#include "tests/adapters/mcp_http/web.h"

#include <stdio.h>

static void test_s14_session_from_initialize_to_delete(void **state)
{
    struct web *web = *state;
    begin(web, "2025-06-18");
    web->w->at_once = GOOD;
    expect_json(post_in_session(web, CALL("1", "echo")), 200, TEXT_RESULT("1", "ok"));
    expect_empty(send_in_session(web, "DELETE", "", NULL), 200);
    expect_json(post_in_session(web, CALL("2", "echo")), 404,
                ERROR("2", "-32600",
                      "there is no such session (any more); begin a new one with initialize"));
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        WEB_TEST(test_s14_session_from_initialize_to_delete),
    };
    cmocka_set_message_output(CM_OUTPUT_TAP);
    return cmocka_run_group_tests(tests, NULL, NULL);
}
