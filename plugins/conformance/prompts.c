/* hexmcp.prompt/1: the table, the prompts, and the one argument that is completed. */
#include <stdio.h>

#include "conformance.h"
#include "media.h"

static void begin_messages(hexmcp_json_writer *w)
{
    hexmcp_json_writer_init(w);
    hexmcp_json_begin_object(w);
    hexmcp_json_key(w, "messages");
    hexmcp_json_begin_array(w);
}

static int32_t end_messages(const struct round *r, hexmcp_json_writer *w)
{
    hexmcp_json_end_array(w);
    hexmcp_json_end_object(w);
    return answer_writer(r, HEXMCP_RESULT, w);
}

/* Opens the message and its content. */
static void begin_message(hexmcp_json_writer *w, const char *type)
{
    hexmcp_json_begin_object(w);
    hexmcp_json_put_text(w, "role", "user");
    hexmcp_json_key(w, "content");
    hexmcp_json_begin_object(w);
    hexmcp_json_put_text(w, "type", type);
}

static void end_message(hexmcp_json_writer *w)
{
    hexmcp_json_end_object(w);
    hexmcp_json_end_object(w);
}

/* Takes `text`. */
static int32_t answer_message(const struct round *r, char *text)
{
    hexmcp_json_writer w;
    if (!text)
        return hexmcp_fail(r->err, HEXMCP_E_NOMEM, "out of memory for the prompt; try again");
    begin_messages(&w);
    begin_message(&w, "text");
    hexmcp_json_put_text(&w, "text", text);
    end_message(&w);
    free(text);
    return end_messages(r, &w);
}

/* Both are required, so the host has seen to it that they are there. */
static int32_t with_arguments(const struct round *r)
{
    char *first = text_of(argument(r, "arg1", ""));
    char *second = text_of(argument(r, "arg2", ""));
    char *text = NULL;
    if (!first || !second ||
        asprintf(&text, "Prompt with arguments: arg1='%s', arg2='%s'", first, second) < 0)
        text = NULL;
    free(first);
    free(second);
    return answer_message(r, text);
}

static int32_t with_resource(const struct round *r)
{
    hexmcp_json_writer w;
    begin_messages(&w);
    begin_message(&w, "resource");
    hexmcp_json_key(&w, "resource");
    hexmcp_json_begin_object(&w);
    hexmcp_json_put_raw(&w, "uri", argument(r, "resourceUri", "\"\""));
    hexmcp_json_put_text(&w, "mimeType", "text/plain");
    hexmcp_json_put_text(&w, "text", "Embedded resource content for testing.");
    hexmcp_json_end_object(&w);
    end_message(&w);
    begin_message(&w, "text");
    hexmcp_json_put_text(&w, "text", "Please process the embedded resource above.");
    end_message(&w);
    return end_messages(r, &w);
}

static int32_t with_context(const struct round *r)
{
    char *context = answer_field_text(r, "user_context", "context");
    char *text = NULL;
    if (!context)
        return hexmcp_fail(r->err, HEXMCP_E_DENIED, "the user gave no context");
    if (asprintf(&text, "Prompt with context: %s", context) < 0)
        text = NULL;
    free(context);
    return answer_message(r, text);
}

static const struct entry prompts[] = {
    {"test_simple_prompt", NULL, NULL, JSON(
        {"messages": [{"role": "user", "content": {
            "type": "text", "text": "This is a simple prompt for testing."}}]})},
    {"test_prompt_with_arguments", with_arguments, NULL, NULL},
    {"test_prompt_with_embedded_resource", with_resource, NULL, NULL},
    {"test_prompt_with_image", NULL, NULL,
     "{\"messages\":[{\"role\":\"user\",\"content\":{\"type\":\"image\",\"data\":\"" PIXEL_PNG
     "\",\"mimeType\":\"image/png\"}},{\"role\":\"user\",\"content\":{\"type\":\"text\","
     "\"text\":\"Please analyze the image above.\"}}]}"},
    {"test_input_required_result_prompt", NULL, with_context, JSON(
        {"requests": {"user_context": {"method": "elicitation/create", "params": {
            "message": "What context should the prompt use?",
            "requestedSchema": {"type": "object", "properties": {"context": {"type": "string"}},
                                "required": ["context"]}}}}})},
    {"test_toggled_prompt", NULL, NULL, JSON(
        {"messages": [{"role": "user", "content": {"type": "text", "text": "I come and go."}}]})},
};

#define PROMPT_COUNT (sizeof(prompts) / sizeof(prompts[0]))

static int32_t render(void *self, hexmcp_call call, hexmcp_str name, hexmcp_str args,
                      hexmcp_error *err)
{
    struct round r = {(struct conformance *)self, call, name, args, {"", 0}, {"", 0}, err};
    return entries_begin(prompts, PROMPT_COUNT, &r);
}

static int32_t resume(void *self, hexmcp_call call, hexmcp_str name, hexmcp_str args,
                      hexmcp_str state, hexmcp_str answers, hexmcp_error *err)
{
    struct round r = {(struct conformance *)self, call, name, args, state, answers, err};
    return entries_go_on(prompts, PROMPT_COUNT, &r);
}

/* The same values for every argument. */
static int32_t complete(void *self, hexmcp_call call, hexmcp_str name, hexmcp_str argument_name,
                        hexmcp_str value, hexmcp_str context, hexmcp_error *err)
{
    static const char *const values[] = {"paris", "park", "party", "test1", "test2"};
    struct round r = {(struct conformance *)self, call, name, {"", 0}, {"", 0}, {"", 0}, err};
    hexmcp_json_writer w;
    int64_t total = 0;
    (void)argument_name;
    (void)context;
    hexmcp_json_writer_init(&w);
    hexmcp_json_begin_object(&w);
    hexmcp_json_key(&w, "values");
    hexmcp_json_begin_array(&w);
    for (size_t i = 0; i < sizeof(values) / sizeof(values[0]); i++)
        if (strlen(values[i]) >= value.len &&
            (value.len == 0 || memcmp(values[i], value.ptr, value.len) == 0)) {
            hexmcp_json_write_text(&w, values[i]);
            total++;
        }
    hexmcp_json_end_array(&w);
    hexmcp_json_put_int64(&w, "total", total);
    hexmcp_json_put_bool(&w, "hasMore", 0);
    hexmcp_json_end_object(&w);
    return answer_writer(&r, HEXMCP_RESULT, &w);
}

void prompts_init(struct conformance *self)
{
    self->prompt.size = (uint32_t)sizeof(self->prompt);
    self->prompt.self = self;
    self->prompt.render = render;
    self->prompt.resume = resume;
    self->prompt.complete = complete;
}
