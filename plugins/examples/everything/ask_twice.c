/* The tool `ask-twice`: two rounds. What the second one needs of the first travels as `state`;
 * between the rounds the plugin keeps nothing. */
#include "everything.h"

static const char first_question[] = JSON(
    {"requests": {"city": {"method": "elicitation/create", "params": {
        "message": "Where to?",
        "requestedSchema": {
            "type": "object",
            "properties": {"city": {"type": "string", "title": "City", "minLength": 1}},
            "required": ["city"]
        }}}},
     "state": {"round": 1}});

static const char second_request[] = JSON(
    {"sure": {"method": "elicitation/create", "params": {
        "message": "Are you sure?",
        "requestedSchema": {
            "type": "object",
            "properties": {"sure": {"type": "boolean", "title": "Sure", "default": true}},
            "required": ["sure"]
        }}}});

int32_t ask_twice_begin(const hexmcp_round *r)
{
    return hexmcp_round_ask(r, first_question);
}

/* `city` is JSON and goes into the state as it came. */
static int32_t ask_again(const hexmcp_round *r, hexmcp_str city)
{
    hexmcp_json_writer w;
    hexmcp_json_writer_init(&w);
    hexmcp_json_begin_object(&w);
    hexmcp_json_put_raw(&w, "requests", hexmcp_str_from(second_request));
    hexmcp_json_key(&w, "state");
    hexmcp_json_begin_object(&w);
    hexmcp_json_put_int64(&w, "round", 2);
    hexmcp_json_put_raw(&w, "city", city);
    hexmcp_json_end_object(&w);
    hexmcp_json_end_object(&w);
    return hexmcp_round_writer(r, HEXMCP_INPUT_REQUIRED, &w);
}

static int32_t take_city(const hexmcp_round *r)
{
    hexmcp_str content, city;
    int answer = hexmcp_round_answer(r, "city", &content);
    if (answer == HEXMCP_ANSWER_DECLINED || answer == HEXMCP_ANSWER_CANCELLED)
        return answer_refused(r, answer);
    if (answer == HEXMCP_ANSWER_MISSING || hexmcp_json_get(content, "city", &city) != HEXMCP_OK)
        return hexmcp_round_ask(r, first_question);
    return ask_again(r, city);
}

static int32_t answer_journey(const hexmcp_round *r, hexmcp_str city, int sure)
{
    char *name;
    size_t len;
    hexmcp_json_writer w;
    if (hexmcp_json_string_dup(city, &name, &len) != HEXMCP_OK)
        return hexmcp_fail(r->err, HEXMCP_E_INVALID, "the city is no text; begin again");
    hexmcp_json_writer_init(&w);
    hexmcp_json_begin_object(&w);
    hexmcp_json_put_raw(&w, "content",
                        hexmcp_str_from(sure ? "[{\"type\":\"text\",\"text\":\"booked\"}]"
                                             : "[{\"type\":\"text\",\"text\":\"not booked\"}]"));
    hexmcp_json_key(&w, "structuredContent");
    hexmcp_json_begin_object(&w);
    hexmcp_json_put_string(&w, "city", (hexmcp_str){name, len});
    hexmcp_json_put_bool(&w, "booked", sure);
    hexmcp_json_end_object(&w);
    hexmcp_json_end_object(&w);
    free(name);
    return hexmcp_round_writer(r, HEXMCP_RESULT, &w);
}

static int32_t take_sure(const hexmcp_round *r, hexmcp_str city)
{
    hexmcp_str content, value;
    int sure = 0;
    int answer = hexmcp_round_answer(r, "sure", &content);
    if (answer == HEXMCP_ANSWER_MISSING)
        return ask_again(r, city);
    if (answer == HEXMCP_ANSWER_ACCEPTED && hexmcp_json_get(content, "sure", &value) == HEXMCP_OK)
        hexmcp_json_bool(value, &sure);
    return answer_journey(r, city, sure);
}

int32_t ask_twice_resume(const hexmcp_round *r)
{
    hexmcp_str city;
    if (hexmcp_json_get(r->state, "city", &city) != HEXMCP_OK)
        return take_city(r);
    return take_sure(r, city);
}
