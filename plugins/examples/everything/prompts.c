/* hexmcp.prompt/1: the table, and the prompts. */
#include "ask.h"
#include "media.h"

static int32_t answer_prompt(const struct round *r, const char *json)
{
    return answer_json(r, HEXMCP_RESULT, hexmcp_str_from(json));
}

static int32_t prompt_simple(const struct round *r)
{
    return answer_prompt(r, JSON(
        {"messages": [{"role": "user", "content": {"type": "text", "text": "Say hello."}}]}));
}

/* A description of its own, and one message of the user that holds `text`. */
static int32_t answer_message(const struct round *r, const char *description, const char *text)
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
    return answer_writer(r, HEXMCP_RESULT, &w);
}

/* `country` is required, so the host has seen to it; `city` may be absent. */
static int32_t prompt_arguments(const struct round *r)
{
    hexmcp_str value;
    char country[100], city[100], text[300];
    int32_t status = read_text(r, "country", country, sizeof(country));
    int has_city = hexmcp_json_get(r->args, "city", &value) == HEXMCP_OK;
    if (status == HEXMCP_OK && has_city)
        status = read_text(r, "city", city, sizeof(city));
    if (status != HEXMCP_OK)
        return status;
    if (has_city)
        snprintf(text, sizeof(text), "What is %s in %s known for?", city, country);
    else
        snprintf(text, sizeof(text), "What is %s known for?", country);
    return answer_message(r, "A question about a place", text);
}

static int32_t prompt_content(const struct round *r)
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
static int32_t prompt_ask(const struct round *r)
{
    return ask(r, JSON(
        {"requests": {"topic": {"method": "elicitation/create", "params": {
            "message": "What about?",
            "requestedSchema": {
                "type": "object",
                "properties": {"topic": {"type": "string", "title": "Topic", "minLength": 1,
                                         "maxLength": 50}},
                "required": ["topic"]
            }}}}}));
}

static int32_t prompt_ask_resume(const struct round *r)
{
    hexmcp_str content, value;
    char topic[201], text[240];
    enum answer answer = answer_to(r, "topic", &content);
    if (answer == ANSWER_DECLINED || answer == ANSWER_CANCELLED)
        return hexmcp_fail(r->err, HEXMCP_E_DENIED, "the user named no topic");
    if (answer == ANSWER_MISSING || hexmcp_json_get(content, "topic", &value) != HEXMCP_OK ||
        hexmcp_json_string(value, topic, sizeof(topic), NULL) != HEXMCP_OK)
        return prompt_ask(r);
    snprintf(text, sizeof(text), "Explain %s.", topic);
    return answer_message(r, "An explanation", text);
}

static const struct entry prompts[] = {
    {"simple", prompt_simple, NULL},
    {"arguments", prompt_arguments, NULL},
    {"content", prompt_content, NULL},
    {"ask", prompt_ask, prompt_ask_resume},
};

static const struct entry *find_prompt(const struct round *r)
{
    return find_entry(prompts, sizeof(prompts) / sizeof(prompts[0]), r->name);
}

static int32_t unknown(const struct round *r)
{
    return hexmcp_fail(r->err, HEXMCP_E_NOT_FOUND, "there is no prompt %.*s here; list the prompts",
                       (int)r->name.len, r->name.ptr);
}

/* What `publish` has made is not in the table. */
static int32_t render_other(const struct round *r)
{
    if (str_begins(r->name, "extra-"))
        return answer_message(r, "A prompt that came while the server ran", "Say hello.");
    return unknown(r);
}

static int32_t render(void *self, hexmcp_call call, hexmcp_str name, hexmcp_str args,
                      hexmcp_error *err)
{
    struct round r = {(struct everything *)self, call, name, args, {"", 0}, {"", 0}, err};
    const struct entry *prompt = find_prompt(&r);
    return prompt ? prompt->call(&r) : render_other(&r);
}

static int32_t resume_prompt(void *self, hexmcp_call call, hexmcp_str name, hexmcp_str args,
                             hexmcp_str state, hexmcp_str answers, hexmcp_error *err)
{
    struct round r = {(struct everything *)self, call, name, args, state, answers, err};
    const struct entry *prompt = find_prompt(&r);
    return prompt && prompt->resume ? prompt->resume(&r) : unknown(&r);
}

/* Only `arguments` has arguments, and they are places. */
static int32_t complete_prompt(void *self, hexmcp_call call, hexmcp_str name, hexmcp_str argument,
                               hexmcp_str value, hexmcp_str context, hexmcp_error *err)
{
    struct round r = {(struct everything *)self, call, name, {"", 0}, {"", 0}, {"", 0}, err};
    return suggest_place(&r, argument, value, context);
}

void prompts_init(struct everything *self)
{
    self->prompt.size = (uint32_t)sizeof(self->prompt);
    self->prompt.self = self;
    self->prompt.render = render;
    self->prompt.complete = complete_prompt;
    self->prompt.resume = resume_prompt;
}
