/* The tool `ask-model`: sampling, the model of the client answers. */
#include "everything.h"

/* Both kinds of argument go into the request as the client wrote them. */
int32_t ask_model_begin(const hexmcp_round *r)
{
    hexmcp_str prompt;
    hexmcp_json_writer w;
    if (hexmcp_json_get(r->args, "prompt", &prompt) != HEXMCP_OK)
        return hexmcp_fail(r->err, HEXMCP_E_INVALID, "`prompt` must be a text");
    hexmcp_json_writer_init(&w);
    hexmcp_json_begin_object(&w);
    hexmcp_json_key(&w, "requests");
    hexmcp_json_begin_object(&w);
    hexmcp_json_key(&w, "model");
    hexmcp_json_begin_object(&w);
    hexmcp_json_put_text(&w, "method", "sampling/createMessage");
    hexmcp_json_key(&w, "params");
    hexmcp_json_begin_object(&w);
    hexmcp_json_key(&w, "messages");
    hexmcp_json_begin_array(&w);
    hexmcp_json_begin_object(&w);
    hexmcp_json_put_text(&w, "role", "user");
    hexmcp_json_key(&w, "content");
    hexmcp_json_begin_object(&w);
    hexmcp_json_put_text(&w, "type", "text");
    hexmcp_json_put_raw(&w, "text", prompt);
    hexmcp_json_end_object(&w);
    hexmcp_json_end_object(&w);
    hexmcp_json_end_array(&w);
    hexmcp_json_put_int64(&w, "maxTokens", hexmcp_round_get_int(r, "maxTokens", 100));
    hexmcp_json_end_object(&w);
    hexmcp_json_end_object(&w);
    hexmcp_json_end_object(&w);
    hexmcp_json_end_object(&w);
    return hexmcp_round_writer(r, HEXMCP_INPUT_REQUIRED, &w);
}

/* The text of the answer: `content` is one block or, since 2025-11-25, several; the first counts. */
static hexmcp_str text_of(hexmcp_str result)
{
    hexmcp_str content = {"", 0}, text = {"", 0};
    hexmcp_json_get(result, "content", &content);
    if (hexmcp_json_type(content) == HEXMCP_JSON_ARRAY) {
        hexmcp_json_iter it = hexmcp_json_iter_begin(content);
        hexmcp_json_next(&it, NULL, &content);
    }
    hexmcp_json_get(content, "text", &text);
    return text;
}

int32_t ask_model_resume(const hexmcp_round *r)
{
    hexmcp_str result, model = {"", 0};
    hexmcp_json_writer w;
    char *text, name[200];
    size_t len;
    if (hexmcp_json_get(r->answers, "model", &result) != HEXMCP_OK)
        return ask_model_begin(r);
    hexmcp_json_get(result, "model", &model);
    if (hexmcp_json_string(model, name, sizeof(name), NULL) != HEXMCP_OK)
        snprintf(name, sizeof(name), "unknown");
    if (hexmcp_json_string_dup(text_of(result), &text, &len) != HEXMCP_OK)
        return hexmcp_fail(r->err, HEXMCP_E_INVALID, "the model answered without text");
    hexmcp_json_writer_init(&w);
    hexmcp_json_begin_object(&w);
    hexmcp_json_key(&w, "structuredContent");
    hexmcp_json_begin_object(&w);
    hexmcp_json_put_text(&w, "model", name);
    hexmcp_json_put_string(&w, "text", (hexmcp_str){text, len});
    hexmcp_json_end_object(&w);
    hexmcp_json_end_object(&w);
    free(text);
    return hexmcp_round_writer(r, HEXMCP_RESULT, &w);
}
