#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <string.h>

#include <cmocka.h>

#include "tests/plugins/everything/opened.h"

#define MESSAGE(description, text)                                                                 \
    "{\"description\":\"" description "\",\"messages\":[{\"role\":\"user\",\"content\":"           \
    "{\"type\":\"text\",\"text\":\"" text "\"}}]}"

static void renders(void **state)
{
    (void)state;
    assert_first(PROMPT, "simple", "{}", HEXMCP_RESULT,
                 JSON({"messages": [{"role": "user",
                                     "content": {"type": "text", "text": "Say hello."}}]}));
    assert_first(PROMPT, "arguments", "{\"country\":\"Norway\"}", HEXMCP_RESULT,
                 MESSAGE("A question about a place", "What is Norway known for?"));
    assert_first(PROMPT, "arguments", "{\"country\":\"Norway\",\"city\":\"Oslo\"}", HEXMCP_RESULT,
                 MESSAGE("A question about a place", "What is Oslo in Norway known for?"));
    assert_fails(PROMPT, "arguments", "{}", NULL, NULL, HEXMCP_E_INVALID,
                 "`country` must be a text of at most 99 bytes without NUL");
    assert_fails(PROMPT, "other", "{}", NULL, NULL, HEXMCP_E_NOT_FOUND,
                 "there is no prompt other here; list the prompts");
}

static void renders_media(void **state)
{
    (void)state;
    assert_first(
        PROMPT, "content", "{}", HEXMCP_RESULT,
        "{\"messages\":[{\"role\":\"user\",\"content\":{\"type\":\"image\",\"data\":"
        "\"iVBORw0KGgoAAAANSUhEUgAAAAEAAAABCAIAAACQd1PeAAAADElEQVR42mP4z8AAAAMBAQD3A0FDAAAAAElFTkSu"
        "QmCC\",\"mimeType\":\"image/png\"}},{\"role\":\"assistant\",\"content\":{\"type\":\"text\","
        "\"text\":\"A red pixel.\"}},{\"role\":\"user\",\"content\":{\"type\":\"audio\",\"data\":"
        "\"UklGRigAAABXQVZFZm10IBAAAAABAAEAQB8AAEAfAAABAAgAZGF0YQQAAACA/4AA\",\"mimeType\":"
        "\"audio/wav\"}},{\"role\":\"user\",\"content\":{\"type\":\"resource\",\"resource\":{\"uri\":"
        "\"everything://text\",\"mimeType\":\"text/plain\",\"text\":\"Plain text.\\n\"}}}]}");
}

static void asks_first(void **state)
{
    const char *question =
        JSON({"requests": {"topic": {"method": "elicitation/create", "params": {
            "message": "What about?", "requestedSchema": { "type": "object",
            "properties": {"topic": {"type": "string", "title": "Topic", "minLength": 1,
            "maxLength": 50}}, "required": ["topic"] }}}}});
    (void)state;
    assert_first(PROMPT, "ask", "{}", HEXMCP_INPUT_REQUIRED, question);
    assert_next(PROMPT, "ask", "{}", "null", "{}", HEXMCP_INPUT_REQUIRED, question);
    assert_next(PROMPT, "ask", "{}", "null",
                "{\"topic\":{\"action\":\"accept\",\"content\":{\"topic\":\"tides\"}}}",
                HEXMCP_RESULT, MESSAGE("An explanation", "Explain tides."));
    assert_fails(PROMPT, "ask", "{}", "null", "{\"topic\":{\"action\":\"decline\"}}",
                 HEXMCP_E_DENIED, "the user named no topic");
    assert_fails(PROMPT, "simple", "{}", "null", "{}", HEXMCP_E_NOT_FOUND,
                 "there is no prompt simple here; list the prompts");
}

static void completes_arguments(void **state)
{
    (void)state;
    assert_completes(PROMPT, "arguments", "country", "F", "{}",
                     "{\"values\":[\"France\"],\"total\":1,\"hasMore\":false}");
    assert_completes(PROMPT, "arguments", "city", "P", "{\"country\":\"France\"}",
                     "{\"values\":[\"Paris\",\"Pau\"],\"total\":2,\"hasMore\":false}");
    assert_completes(PROMPT, "arguments", "city", "", "{}",
                     "{\"values\":[\"Lyon\",\"Paris\",\"Pau\",\"Bergen\",\"Oslo\",\"Troms\xc3\xb8\"],"
                     "\"total\":6,\"hasMore\":false}");
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(renders),
        cmocka_unit_test(renders_media),
        cmocka_unit_test(asks_first),
        cmocka_unit_test(completes_arguments),
    };
    cmocka_set_message_output(CM_OUTPUT_TAP);
    return cmocka_run_group_tests_name("everything_prompts", tests, open_everything,
                                       close_everything);
}
