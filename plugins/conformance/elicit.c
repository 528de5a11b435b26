/* Tools that ask the model or the user, and say what came back. */
#include "conformance.h"

static void begin_request(hexmcp_json_writer *w, const char *key, const char *method)
{
    hexmcp_json_writer_init(w);
    hexmcp_json_begin_object(w);
    hexmcp_json_key(w, "requests");
    hexmcp_json_begin_object(w);
    hexmcp_json_key(w, key);
    hexmcp_json_begin_object(w);
    hexmcp_json_put_text(w, "method", method);
    hexmcp_json_key(w, "params");
    hexmcp_json_begin_object(w);
}

static int32_t end_request(const hexmcp_round *r, hexmcp_json_writer *w)
{
    for (int i = 0; i < 4; i++)
        hexmcp_json_end_object(w);
    return hexmcp_round_writer(r, HEXMCP_INPUT_REQUIRED, w);
}

/* The prompt goes into the request as the client wrote it. */
int32_t sampling_begin(const hexmcp_round *r)
{
    hexmcp_json_writer w;
    begin_request(&w, "sampling", "sampling/createMessage");
    hexmcp_json_key(&w, "messages");
    hexmcp_json_begin_array(&w);
    hexmcp_json_begin_object(&w);
    hexmcp_json_put_text(&w, "role", "user");
    hexmcp_json_key(&w, "content");
    hexmcp_json_begin_object(&w);
    hexmcp_json_put_text(&w, "type", "text");
    hexmcp_json_put_raw(&w, "text", argument(r, "prompt", "\"\""));
    hexmcp_json_end_object(&w);
    hexmcp_json_end_object(&w);
    hexmcp_json_end_array(&w);
    hexmcp_json_put_int64(&w, "maxTokens", 100);
    return end_request(r, &w);
}

int32_t sampling_go_on(const hexmcp_round *r)
{
    char *text = answer_model_text(r, "sampling");
    int32_t status = text ? hexmcp_round_textf(r, "LLM response: %s", text) : answer_useless(r);
    free(text);
    return status;
}

int32_t elicitation_begin(const hexmcp_round *r)
{
    hexmcp_json_writer w;
    begin_request(&w, "elicitation", "elicitation/create");
    hexmcp_json_put_raw(&w, "message", argument(r, "message", "\"\""));
    hexmcp_json_put_raw(&w, "requestedSchema", hexmcp_str_from(JSON(
        {"type": "object",
         "properties": {"username": {"type": "string", "description": "User's response"},
                        "email": {"type": "string", "description": "User's email address"}},
         "required": ["username", "email"]})));
    return end_request(r, &w);
}

/* "<what> action=<action>, content=<JSON as it came, or {}>" */
static int32_t answer_action(const hexmcp_round *r, const char *what)
{
    hexmcp_str answer, action, content = hexmcp_str_from("{}");
    char word[16];
    if (hexmcp_json_get(r->answers, "elicitation", &answer) != HEXMCP_OK ||
        hexmcp_json_get(answer, "action", &action) != HEXMCP_OK ||
        hexmcp_json_string(action, word, sizeof(word), NULL) != HEXMCP_OK)
        return answer_useless(r);
    hexmcp_json_get(answer, "content", &content);
    return hexmcp_round_textf(r, "%s action=%s, content=%.*s", what, word, (int)content.len, content.ptr);
}

int32_t elicitation_go_on(const hexmcp_round *r)
{
    return answer_action(r, "User response:");
}

int32_t elicited(const hexmcp_round *r)
{
    return answer_action(r, "Elicitation completed:");
}
