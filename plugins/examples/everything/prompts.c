/* The prompts. */
#include "everything.h"
#include "media.h"

static int32_t answer_prompt(const hexmcp_round *r, const char *json)
{
    return hexmcp_round_json(r, HEXMCP_RESULT, hexmcp_str_from(json));
}

static int32_t prompt_simple(const hexmcp_round *r)
{
    return answer_prompt(r, JSON(
        {"messages": [{"role": "user", "content": {"type": "text", "text": "Say hello."}}]}));
}

/* A description of its own, and one message of the user that holds `text`. */
static int32_t answer_message(const hexmcp_round *r, const char *description, const char *text)
{
    hexmcp_json_writer w;
    hexmcp_json_writer_init(&w);
    hexmcp_json_begin_object(&w);
    hexmcp_json_put_text(&w, "description", description);
    hexmcp_json_key(&w, "messages");
    hexmcp_json_begin_array(&w);
    hexmcp_json_begin_object(&w);
    hexmcp_json_put_text(&w, "role", "user");
    hexmcp_json_key(&w, "content");
    hexmcp_json_begin_object(&w);
    hexmcp_json_put_text(&w, "type", "text");
    hexmcp_json_put_text(&w, "text", text);
    hexmcp_json_end_object(&w);
    hexmcp_json_end_object(&w);
    hexmcp_json_end_array(&w);
    hexmcp_json_end_object(&w);
    return hexmcp_round_writer(r, HEXMCP_RESULT, &w);
}

/* `country` is required, so the host has seen to it; `city` may be absent. */
static int32_t prompt_arguments(const hexmcp_round *r)
{
    hexmcp_str value;
    char country[100], city[100], text[300];
    int32_t status = hexmcp_round_get_text(r, "country", country, sizeof(country));
    int has_city = hexmcp_json_get(r->args, "city", &value) == HEXMCP_OK;
    if (status == HEXMCP_OK && has_city)
        status = hexmcp_round_get_text(r, "city", city, sizeof(city));
    if (status != HEXMCP_OK)
        return status;
    if (has_city)
        snprintf(text, sizeof(text), "What is %s in %s known for?", city, country);
    else
        snprintf(text, sizeof(text), "What is %s known for?", country);
    return answer_message(r, "A question about a place", text);
}

static int32_t prompt_content(const hexmcp_round *r)
{
    return answer_prompt(r,
        "{\"messages\":["
        "{\"role\":\"user\",\"content\":{\"type\":\"image\",\"data\":\"" PIXEL_PNG "\","
        "\"mimeType\":\"image/png\"}},"
        "{\"role\":\"assistant\",\"content\":{\"type\":\"text\",\"text\":\"A red pixel.\"}},"
        "{\"role\":\"user\",\"content\":{\"type\":\"audio\",\"data\":\"" CLICK_WAV "\","
        "\"mimeType\":\"audio/wav\"}},"
        "{\"role\":\"user\",\"content\":{\"type\":\"resource\",\"resource\":{"
        "\"uri\":\"everything://text\",\"mimeType\":\"text/plain\",\"text\":\"Plain text.\\n\"}}}"
        "]}");
}

/* Asks before it is rendered. */
static int32_t prompt_ask(const hexmcp_round *r)
{
    return hexmcp_round_ask(r, JSON(
        {"requests": {"topic": {"method": "elicitation/create", "params": {
            "message": "What about?",
            "requestedSchema": {
                "type": "object",
                "properties": {"topic": {"type": "string", "title": "Topic", "minLength": 1,
                                         "maxLength": 50}},
                "required": ["topic"]
            }}}}}));
}

static int32_t prompt_ask_resume(const hexmcp_round *r)
{
    hexmcp_str content, value;
    char topic[201], text[240];
    int answer = hexmcp_round_answer(r, "topic", &content);
    if (answer == HEXMCP_ANSWER_DECLINED || answer == HEXMCP_ANSWER_CANCELLED)
        return hexmcp_fail(r->err, HEXMCP_E_DENIED, "the user named no topic");
    if (answer == HEXMCP_ANSWER_MISSING || hexmcp_json_get(content, "topic", &value) != HEXMCP_OK ||
        hexmcp_json_string(value, topic, sizeof(topic), NULL) != HEXMCP_OK)
        return prompt_ask(r);
    snprintf(text, sizeof(text), "Explain %s.", topic);
    return answer_message(r, "An explanation", text);
}

static int32_t unknown(const hexmcp_round *r)
{
    return hexmcp_fail(r->err, HEXMCP_E_NOT_FOUND, "there is no prompt %.*s here; list the prompts",
                       (int)r->name.len, r->name.ptr);
}

/* What `publish` has made is not in the table. */
static int32_t render_other(const hexmcp_round *r)
{
    if (hexmcp_str_begins(r->name, "extra-"))
        return answer_message(r, "A prompt that came while the server ran", "Say hello.");
    return unknown(r);
}

const hexmcp_simple_item prompts[] = {
    HEXMCP_ITEM("simple", prompt_simple),
    HEXMCP_ITEM("arguments", prompt_arguments),
    HEXMCP_ITEM("content", prompt_content),
    HEXMCP_ITEM_ASKS("ask", prompt_ask, prompt_ask_resume),
    HEXMCP_ITEM_OTHERS(render_other),
};
