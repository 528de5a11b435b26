/* The prompts, and the one argument that is completed. */
#include <stdio.h>

#include "conformance.h"
#include "media.h"

static void begin_messages(hexmcp_json_writer *w)
{
    hexmcp_json_writer_init(w);
    hexmcp_json_begin_object(w);
    hexmcp_json_key(w, "messages");
    hexmcp_json_begin_array(w);
}

static int32_t end_messages(const hexmcp_round *r, hexmcp_json_writer *w)
{
    hexmcp_json_end_array(w);
    hexmcp_json_end_object(w);
    return hexmcp_round_writer(r, HEXMCP_RESULT, w);
}

/* Opens the message and its content. */
static void begin_message(hexmcp_json_writer *w, const char *type)
{
    hexmcp_json_begin_object(w);
    hexmcp_json_put_text(w, "role", "user");
    hexmcp_json_key(w, "content");
    hexmcp_json_begin_object(w);
    hexmcp_json_put_text(w, "type", type);
}

static void end_message(hexmcp_json_writer *w)
{
    hexmcp_json_end_object(w);
    hexmcp_json_end_object(w);
}

/* Takes `text`. */
static int32_t answer_message(const hexmcp_round *r, char *text)
{
    hexmcp_json_writer w;
    if (!text)
        return hexmcp_fail(r->err, HEXMCP_E_NOMEM, "out of memory for the prompt; try again");
    begin_messages(&w);
    begin_message(&w, "text");
    hexmcp_json_put_text(&w, "text", text);
    end_message(&w);
    free(text);
    return end_messages(r, &w);
}

/* Both are required, so the host has seen to it that they are there. */
static int32_t with_arguments(const hexmcp_round *r)
{
    char *first = text_of(argument(r, "arg1", ""));
    char *second = text_of(argument(r, "arg2", ""));
    char *text = NULL;
    if (!first || !second ||
        asprintf(&text, "Prompt with arguments: arg1='%s', arg2='%s'", first, second) < 0)
        text = NULL;
    free(first);
    free(second);
    return answer_message(r, text);
}

static int32_t with_resource(const hexmcp_round *r)
{
    hexmcp_json_writer w;
    begin_messages(&w);
    begin_message(&w, "resource");
    hexmcp_json_key(&w, "resource");
    hexmcp_json_begin_object(&w);
    hexmcp_json_put_raw(&w, "uri", argument(r, "resourceUri", "\"\""));
    hexmcp_json_put_text(&w, "mimeType", "text/plain");
    hexmcp_json_put_text(&w, "text", "Embedded resource content for testing.");
    hexmcp_json_end_object(&w);
    end_message(&w);
    begin_message(&w, "text");
    hexmcp_json_put_text(&w, "text", "Please process the embedded resource above.");
    end_message(&w);
    return end_messages(r, &w);
}

static int32_t with_context(const hexmcp_round *r)
{
    char *context = answer_field_text(r, "user_context", "context");
    char *text = NULL;
    if (!context)
        return hexmcp_fail(r->err, HEXMCP_E_DENIED, "the user gave no context");
    if (asprintf(&text, "Prompt with context: %s", context) < 0)
        text = NULL;
    free(context);
    return answer_message(r, text);
}

const hexmcp_simple_item prompts[] = {
    HEXMCP_ITEM_FIXED("test_simple_prompt", JSON(
        {"messages": [{"role": "user", "content": {
            "type": "text", "text": "This is a simple prompt for testing."}}]})),
    HEXMCP_ITEM("test_prompt_with_arguments", with_arguments),
    HEXMCP_ITEM("test_prompt_with_embedded_resource", with_resource),
    HEXMCP_ITEM_FIXED("test_prompt_with_image",
     "{\"messages\":[{\"role\":\"user\",\"content\":{\"type\":\"image\",\"data\":\"" PIXEL_PNG
     "\",\"mimeType\":\"image/png\"}},{\"role\":\"user\",\"content\":{\"type\":\"text\","
     "\"text\":\"Please analyze the image above.\"}}]}"),
    HEXMCP_ITEM_ASKS_FIXED("test_input_required_result_prompt", with_context, JSON(
        {"requests": {"user_context": {"method": "elicitation/create", "params": {
            "message": "What context should the prompt use?",
            "requestedSchema": {"type": "object", "properties": {"context": {"type": "string"}},
                                "required": ["context"]}}}}})),
    HEXMCP_ITEM_FIXED("test_toggled_prompt", JSON(
        {"messages": [{"role": "user", "content": {"type": "text", "text": "I come and go."}}]})),
    HEXMCP_ITEM_END,
};

int32_t suggest_for_prompt(const hexmcp_round *r, hexmcp_str argument_name, hexmcp_str typed)
{
    static const char *const values[] = {"paris", "park", "party", "test1", "test2"};
    (void)argument_name;
    return hexmcp_round_suggest(r, values, sizeof(values) / sizeof(values[0]), typed);
}
