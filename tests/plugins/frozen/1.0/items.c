/* Frozen with ABI 1.0, never to be changed: a resource, a template, a prompt, completion and input. */
#include <stdlib.h>
#include <string.h>

#include "hexmcp/json.h"
#include "hexmcp/plugin.h"

struct instance {
    hexmcp_plugin plugin;
    hexmcp_resource_1 resource;
    hexmcp_prompt_1 prompt;
    const hexmcp_host *host;
};

static int32_t done(const struct instance *i, hexmcp_call id, uint32_t outcome, hexmcp_json_writer *w)
{
    int32_t status = i->host->complete(i->host->ctx, id, outcome, hexmcp_json_writer_text(w));
    hexmcp_json_writer_free(w);
    return status;
}

static int32_t read_uri(void *self, hexmcp_call id, hexmcp_str uri, hexmcp_str variables,
                        hexmcp_error *err)
{
    hexmcp_json_writer w;
    hexmcp_str name;
    (void)err;
    hexmcp_json_writer_init(&w);
    hexmcp_json_begin_object(&w);
    hexmcp_json_key(&w, "contents");
    hexmcp_json_begin_array(&w);
    hexmcp_json_begin_object(&w);
    hexmcp_json_put_string(&w, "uri", uri);
    if (hexmcp_json_get(variables, "name", &name) == HEXMCP_OK)
        hexmcp_json_put_raw(&w, "text", name);
    else
        hexmcp_json_put_text(&w, "text", "cold");
    hexmcp_json_end_object(&w);
    hexmcp_json_end_array(&w);
    hexmcp_json_end_object(&w);
    return done(self, id, HEXMCP_RESULT, &w);
}

static int32_t suggest(void *self, hexmcp_call id, hexmcp_str of, hexmcp_str argument,
                       hexmcp_str value, hexmcp_str context, hexmcp_error *err)
{
    const struct instance *i = self;
    (void)of;
    (void)argument;
    (void)value;
    (void)context;
    (void)err;
    return i->host->complete(i->host->ctx, id, HEXMCP_RESULT,
                             hexmcp_str_from("{\"values\":[\"ice\"]}"));
}

static int32_t message(const struct instance *i, hexmcp_call id, hexmcp_str text)
{
    hexmcp_json_writer w;
    hexmcp_json_writer_init(&w);
    hexmcp_json_begin_object(&w);
    hexmcp_json_key(&w, "messages");
    hexmcp_json_begin_array(&w);
    hexmcp_json_begin_object(&w);
    hexmcp_json_put_text(&w, "role", "user");
    hexmcp_json_key(&w, "content");
    hexmcp_json_begin_object(&w);
    hexmcp_json_put_text(&w, "type", "text");
    hexmcp_json_put_raw(&w, "text", text);
    hexmcp_json_end_object(&w);
    hexmcp_json_end_object(&w);
    hexmcp_json_end_array(&w);
    hexmcp_json_end_object(&w);
    return done(i, id, HEXMCP_RESULT, &w);
}

static int32_t render(void *self, hexmcp_call id, hexmcp_str name, hexmcp_str args,
                      hexmcp_error *err)
{
    const struct instance *i = self;
    hexmcp_str what;
    (void)name;
    (void)err;
    if (hexmcp_json_get(args, "what", &what) == HEXMCP_OK)
        return message(i, id, what);
    return i->host->complete(
        i->host->ctx, id, HEXMCP_INPUT_REQUIRED,
        hexmcp_str_from("{\"requests\":{\"what\":{\"method\":\"elicitation/create\",\"params\":{"
                        "\"message\":\"What?\",\"requestedSchema\":{\"type\":\"object\","
                        "\"properties\":{\"what\":{\"type\":\"string\"}}}}}},\"state\":[1]}"));
}

static int32_t resume(void *self, hexmcp_call id, hexmcp_str name, hexmcp_str args, hexmcp_str state,
                      hexmcp_str answers, hexmcp_error *err)
{
    hexmcp_str answer, content, what = hexmcp_str_from("\"nothing\"");
    (void)name;
    (void)args;
    if (state.len != 3 || memcmp(state.ptr, "[1]", 3) != 0)
        return hexmcp_fail(err, HEXMCP_E_PROTOCOL, "another state came back");
    if (hexmcp_json_get(answers, "what", &answer) == HEXMCP_OK &&
        hexmcp_json_get(answer, "content", &content) == HEXMCP_OK)
        hexmcp_json_get(content, "what", &what);
    return message(self, id, what);
}

static int32_t init(void *self, hexmcp_str config, hexmcp_error *err)
{
    (void)self;
    (void)config;
    (void)err;
    return HEXMCP_OK;
}

static const void *get_interface(void *self, const char *id)
{
    struct instance *i = self;
    if (strcmp(id, HEXMCP_RESOURCE_1) == 0)
        return &i->resource;
    return strcmp(id, HEXMCP_PROMPT_1) == 0 ? &i->prompt : NULL;
}

static void destroy(void *self)
{
    free(self);
}

static int32_t create(const hexmcp_host *host, const hexmcp_plugin **out, hexmcp_error *err)
{
    struct instance *i = calloc(1, sizeof(*i));
    if (!i)
        return hexmcp_fail(err, HEXMCP_E_NOMEM, "out of memory");
    i->host = host;
    i->plugin.size = sizeof(i->plugin);
    i->plugin.self = i;
    i->plugin.init = init;
    i->plugin.get_interface = get_interface;
    i->plugin.destroy = destroy;
    i->resource.size = sizeof(i->resource);
    i->resource.self = i;
    i->resource.read = read_uri;
    i->resource.complete = suggest;
    i->prompt.size = sizeof(i->prompt);
    i->prompt.self = i;
    i->prompt.render = render;
    i->prompt.complete = suggest;
    i->prompt.resume = resume;
    *out = &i->plugin;
    return HEXMCP_OK;
}

HEXMCP_PLUGIN_DEFINE("hexmcp.frozen.items", "1.0.0", create);
