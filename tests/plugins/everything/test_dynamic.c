#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <string.h>

#include <cmocka.h>

#include "hexmcp/host/catalog.h"
#include "tests/plugins/everything/opened.h"

#define CAME "\"description\":\"Came while the server ran.\""

static void assert_published(const char *args, uint32_t kind, const char *asked)
{
    services.catalog_status = HEXMCP_OK;
    assert_first(TOOL, "publish", args, HEXMCP_RESULT, TEXT_RESULT("published"));
    assert_int_equal(services.kind, kind);
    assert_string_equal(services.asked, asked);
}

static void publishes(void **state)
{
    (void)state;
    assert_published("{\"kind\":\"tool\",\"name\":\"a\"}", HEXMCP_KIND_TOOL,
                     "publish {\"name\":\"extra-a\"," CAME ",\"inputSchema\":{\"type\":\"object\","
                     "\"additionalProperties\":false},\"run\":{\"mode\":\"inline\"}} {}");
    assert_published("{\"kind\":\"resource\",\"name\":\"b\",\"callers\":[\"ada\", \"bob\"]}",
                     HEXMCP_KIND_RESOURCE,
                     "publish {\"uri\":\"everything://extra-b\",\"name\":\"b\",\"mimeType\":"
                     "\"text/plain\"," CAME "} {\"callers\":[\"ada\", \"bob\"]}");
    assert_published("{\"kind\":\"template\",\"name\":\"c\"}", HEXMCP_KIND_TEMPLATE,
                     "publish {\"uriTemplate\":\"everything://extra-c/{item}\",\"name\":\"c\","
                     "\"mimeType\":\"text/plain\"," CAME "} {}");
    assert_published("{\"kind\":\"prompt\",\"name\":\"d\"}", HEXMCP_KIND_PROMPT,
                     "publish {\"name\":\"extra-d\"," CAME "} {}");
}

static void withdraws(void **state)
{
    static const struct {
        const char *args, *asked;
    } cases[] = {
        {"{\"kind\":\"tool\",\"name\":\"a\"}", "withdraw extra-a"},
        {"{\"kind\":\"resource\",\"name\":\"b\"}", "withdraw everything://extra-b"},
        {"{\"kind\":\"template\",\"name\":\"c\"}", "withdraw everything://extra-c/{item}"},
        {"{\"kind\":\"prompt\",\"name\":\"d\"}", "withdraw extra-d"},
    };
    (void)state;
    services.catalog_status = HEXMCP_OK;
    for (uint32_t i = 0; i < 4; i++) {
        assert_first(TOOL, "withdraw", cases[i].args, HEXMCP_RESULT, TEXT_RESULT("withdrawn"));
        assert_int_equal(services.kind, i);
        assert_string_equal(services.asked, cases[i].asked);
    }
}

static void passes_on_what_the_catalogue_says(void **state)
{
    const char *args = "{\"kind\":\"tool\",\"name\":\"a\"}";
    (void)state;
    services.catalog_status = HEXMCP_E_NOT_FOUND;
    assert_first(TOOL, "withdraw", args, HEXMCP_FAIL, "{\"code\":-4,\"message\":\"no such item\"}");
    services.catalog_status = HEXMCP_E_UNAVAILABLE;
    assert_first(TOOL, "publish", args, HEXMCP_FAIL,
                 "{\"code\":-10,\"message\":\"the catalogue gave no reason; see the log of the "
                 "server\"}");
    services.catalog_status = HEXMCP_E_BUSY;
    assert_fails(TOOL, "publish", args, NULL, NULL, HEXMCP_E_BUSY,
                 "the catalogue took nothing; try again later");
    assert_fails(TOOL, "withdraw", args, NULL, NULL, HEXMCP_E_BUSY,
                 "the catalogue took nothing; try again later");
    assert_fails(TOOL, "publish", "{\"kind\":\"x\",\"name\":\"a\"}", NULL, NULL, HEXMCP_E_INVALID,
                 "`kind` must be tool, resource, template or prompt");
    assert_fails(TOOL, "publish", "{\"kind\":\"tool\"}", NULL, NULL, HEXMCP_E_INVALID,
                 "`name` must be a text of at most 32 bytes without NUL");
}

static void serves_what_it_published(void **state)
{
    (void)state;
    assert_first(TOOL, "extra-a", "{}", HEXMCP_RESULT, TEXT_RESULT("this is extra-a"));
    assert_first(RESOURCE, "everything://extra-b", "{}", HEXMCP_RESULT,
                 "{\"contents\":[{\"uri\":\"everything://extra-b\",\"mimeType\":\"text/plain\","
                 "\"text\":\"Came while the server ran.\\n\"}]}");
    assert_first(PROMPT, "extra-d", "{}", HEXMCP_RESULT,
                 "{\"description\":\"A prompt that came while the server ran\",\"messages\":"
                 "[{\"role\":\"user\",\"content\":{\"type\":\"text\",\"text\":\"Say hello.\"}}]}");
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(publishes),
        cmocka_unit_test(withdraws),
        cmocka_unit_test(passes_on_what_the_catalogue_says),
        cmocka_unit_test(serves_what_it_published),
    };
    cmocka_set_message_output(CM_OUTPUT_TAP);
    return cmocka_run_group_tests_name("everything_dynamic", tests, open_everything,
                                       close_everything);
}
