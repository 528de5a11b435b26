/* The resource everything://secret: it asks before it lets itself be read. */
#include "everything.h"

int32_t read_secret(const hexmcp_round *r)
{
    return hexmcp_round_ask(r, JSON(
        {"requests": {"allow": {"method": "elicitation/create", "params": {
            "message": "May everything://secret be read?",
            "requestedSchema": {
                "type": "object",
                "properties": {"allow": {"type": "boolean", "title": "Allow", "default": false}},
                "required": ["allow"]
            }}}}}));
}

int32_t resume_secret(const hexmcp_round *r)
{
    hexmcp_str content, value;
    int allow = 0;
    int answer = hexmcp_round_answer(r, "allow", &content);
    if (answer == HEXMCP_ANSWER_MISSING)
        return read_secret(r);
    if (answer == HEXMCP_ANSWER_ACCEPTED && hexmcp_json_get(content, "allow", &value) == HEXMCP_OK)
        hexmcp_json_bool(value, &allow);
    if (!allow)
        return hexmcp_fail(r->err, HEXMCP_E_DENIED,
                           "the user did not allow everything://secret to be read");
    return hexmcp_round_json(r, HEXMCP_RESULT, hexmcp_str_from(JSON(
        {"contents": [{"uri": "everything://secret", "mimeType": "text/plain",
                       "text": "The secret is that there is none.\n"}]})));
}
