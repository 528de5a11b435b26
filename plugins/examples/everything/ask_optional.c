/* The tool `ask-optional`: a question that is left out if the client cannot be asked. Then the
 * call goes on without an answer. */
#include "ask.h"

int32_t ask_optional_begin(const struct round *r)
{
    return ask(r, JSON(
        {"requests": {"mood": {"optional": true, "method": "elicitation/create", "params": {
            "message": "How are you?",
            "requestedSchema": {
                "type": "object",
                "properties": {"mood": {"type": "string", "enum": ["good", "bad"]}},
                "required": ["mood"]
            }}}}}));
}

int32_t ask_optional_resume(const struct round *r)
{
    hexmcp_str content, mood;
    enum answer answer = answer_to(r, "mood", &content);
    if (answer == ANSWER_MISSING)
        return answer_text(r, "nobody could be asked");
    if (answer != ANSWER_ACCEPTED)
        return answer_refused(r, answer);
    if (hexmcp_json_get(content, "mood", &mood) == HEXMCP_OK && hexmcp_json_equals(mood, "good"))
        return answer_text(r, "glad to hear");
    return answer_text(r, "sorry to hear");
}
