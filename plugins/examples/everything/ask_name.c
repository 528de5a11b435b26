/* The tool `ask-name`: elicitation by a form, with a text, a number and a choice. */
#include "everything.h"

static const char question[] = JSON(
    {"requests": {"who": {"method": "elicitation/create", "params": {
        "message": "Who are you?",
        "requestedSchema": {
            "type": "object",
            "properties": {
                "name": {"type": "string", "title": "Name", "minLength": 1, "maxLength": 100},
                "age": {"type": "integer", "title": "Age", "minimum": 0, "maximum": 150},
                "colour": {"type": "string", "title": "Favourite colour",
                           "oneOf": [{"const": "r", "title": "Red"},
                                     {"const": "g", "title": "Green"},
                                     {"const": "b", "title": "Blue"}]}
            },
            "required": ["name"]
        }}}}});

int32_t ask_name_begin(const hexmcp_round *r)
{
    return hexmcp_round_ask(r, question);
}

static const char *colour_of(hexmcp_str content)
{
    hexmcp_str colour;
    if (hexmcp_json_get(content, "colour", &colour) != HEXMCP_OK)
        return "no colour";
    if (hexmcp_json_equals(colour, "r"))
        return "red";
    return hexmcp_json_equals(colour, "g") ? "green" : "blue";
}

static int32_t answer_person(const hexmcp_round *r, hexmcp_str content)
{
    hexmcp_str value;
    char name[401], age[32] = "of unknown age";
    int64_t years;
    if (hexmcp_json_get(content, "name", &value) != HEXMCP_OK ||
        hexmcp_json_string(value, name, sizeof(name), NULL) != HEXMCP_OK)
        return hexmcp_round_ask(r, question);
    if (hexmcp_json_get(content, "age", &value) == HEXMCP_OK &&
        hexmcp_json_int64(value, &years) == HEXMCP_OK)
        snprintf(age, sizeof(age), "%lld years old", (long long)years);
    return hexmcp_round_textf(r, "%s is %s and likes %s", name, age, colour_of(content));
}

int32_t ask_name_resume(const hexmcp_round *r)
{
    hexmcp_str content;
    int answer = hexmcp_round_answer(r, "who", &content);
    if (answer == HEXMCP_ANSWER_MISSING)
        return hexmcp_round_ask(r, question);
    if (answer != HEXMCP_ANSWER_ACCEPTED)
        return answer_refused(r, answer);
    return answer_person(r, content);
}
