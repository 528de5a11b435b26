/* Tools named test_input_required_result_*, and what else asks by rounds: the first round stands in
 * the table of tools.c, the next ones here. */
#include "conformance.h"

int32_t input_able(const hexmcp_round *r)
{
    return hexmcp_round_textf(r, "The client can be asked");
}

int32_t input_name(const hexmcp_round *r)
{
    char *name = answer_field_text(r, "user_name", "name");
    int32_t status = name ? hexmcp_round_textf(r, "Hello, %s!", name) : answer_useless(r);
    free(name);
    return status;
}

int32_t input_capital(const hexmcp_round *r)
{
    char *text = answer_model_text(r, "capital_question");
    int32_t status = text ? hexmcp_round_textf(r, "LLM response: %s", text) : answer_useless(r);
    free(text);
    return status;
}

int32_t input_roots(const hexmcp_round *r)
{
    size_t count;
    char *roots = answer_roots_text(r, "client_roots", &count);
    int32_t status = roots ? hexmcp_round_textf(r, "Roots: %zu (%s)", count, roots) : answer_useless(r);
    free(roots);
    return status;
}

/* The state is sealed by the host: what comes here is what the first round left. */
static int is_confirmed(const hexmcp_round *r)
{
    hexmcp_str step;
    int64_t number = 0;
    return hexmcp_json_get(r->state, "step", &step) == HEXMCP_OK &&
           hexmcp_json_int64(step, &number) == HEXMCP_OK && number == 1 &&
           answer_field(r, "confirm", "ok").len > 0;
}

int32_t input_state(const hexmcp_round *r)
{
    return is_confirmed(r) ? hexmcp_round_textf(r, "state-ok: requestState verified") : answer_useless(r);
}

int32_t input_tampered(const hexmcp_round *r)
{
    return is_confirmed(r) ? hexmcp_round_textf(r, "integrity-ok: requestState verified")
                           : answer_useless(r);
}

int32_t input_several(const hexmcp_round *r)
{
    size_t count = 0;
    char *name = answer_field_text(r, "user_name", "name");
    char *greeting = answer_model_text(r, "greeting");
    char *roots = answer_roots_text(r, "client_roots", &count);
    int32_t status = name && greeting && roots
                         ? hexmcp_round_textf(r, "%s, %s! Roots: %zu (%s)", greeting, name, count, roots)
                         : answer_useless(r);
    free(name);
    free(greeting);
    free(roots);
    return status;
}

static const char second_question[] = JSON(
    {"step2": {"method": "elicitation/create", "params": {
        "message": "Step 2: What is your favorite color?",
        "requestedSchema": {"type": "object", "properties": {"color": {"type": "string"}},
                            "required": ["color"]}}}});

/* `name` is JSON and goes into the state as it came. */
static int32_t ask_colour(const hexmcp_round *r, hexmcp_str name)
{
    hexmcp_json_writer w;
    hexmcp_json_writer_init(&w);
    hexmcp_json_begin_object(&w);
    hexmcp_json_put_raw(&w, "requests", hexmcp_str_from(second_question));
    hexmcp_json_key(&w, "state");
    hexmcp_json_begin_object(&w);
    hexmcp_json_put_int64(&w, "step", 2);
    hexmcp_json_put_raw(&w, "name", name);
    hexmcp_json_end_object(&w);
    hexmcp_json_end_object(&w);
    return hexmcp_round_writer(r, HEXMCP_INPUT_REQUIRED, &w);
}

static int32_t answer_rounds(const hexmcp_round *r, hexmcp_str name_json)
{
    char *name = text_of(name_json);
    char *colour = answer_field_text(r, "step2", "color");
    int32_t status = name && colour
                         ? hexmcp_round_textf(r, "Multi-round complete: %s likes %s", name, colour)
                         : answer_useless(r);
    free(name);
    free(colour);
    return status;
}

int32_t input_rounds(const hexmcp_round *r)
{
    hexmcp_str name = answer_field(r, "step1", "name");
    if (name.len > 0)
        return ask_colour(r, name);
    if (hexmcp_json_get(r->state, "name", &name) == HEXMCP_OK)
        return answer_rounds(r, name);
    return answer_useless(r);
}

static const char *how(const hexmcp_round *r, const char *key)
{
    hexmcp_str answer;
    return hexmcp_json_get(r->answers, key, &answer) == HEXMCP_OK ? "answered" : "not asked";
}

/* Everything is optional: what the client cannot be asked was left out. */
int32_t input_capabilities(const hexmcp_round *r)
{
    return hexmcp_round_textf(r, "elicitation: %s, sampling: %s, roots: %s", how(r, "elicitation"),
                       how(r, "sampling"), how(r, "roots"));
}
