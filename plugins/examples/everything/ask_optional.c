/* The tool `ask-optional`: a question that is left out if the client cannot be asked. Then the
 * call goes on without an answer. */
#include "everything.h"

int32_t ask_optional_begin(const hexmcp_round *r)
{
    return hexmcp_round_ask(r, JSON(
        {"requests": {"mood": {"optional": true, "method": "elicitation/create", "params": {
            "message": "How are you?",
            "requestedSchema": {
                "type": "object",
                "properties": {"mood": {"type": "string", "enum": ["good", "bad"]}},
                "required": ["mood"]
            }}}}}));
}

int32_t ask_optional_resume(const hexmcp_round *r)
{
    hexmcp_str content, mood;
    int answer = hexmcp_round_answer(r, "mood", &content);
    if (answer == HEXMCP_ANSWER_MISSING)
        return hexmcp_round_textf(r, "nobody could be asked");
    if (answer != HEXMCP_ANSWER_ACCEPTED)
        return answer_refused(r, answer);
    if (hexmcp_json_get(content, "mood", &mood) == HEXMCP_OK && hexmcp_json_equals(mood, "good"))
        return hexmcp_round_textf(r, "glad to hear");
    return hexmcp_round_textf(r, "sorry to hear");
}
