/*
 * {{title}}: a plugin for hexmcp with a resource, {{name}}://codes, and a template,
 * {{name}}://codes/{code}.
 *
 * plugin.json lists both. The host finds out which one a URI belongs to, and takes the variables of a
 * template out of it.
 */
#include "hexmcp/json.h"
#include "hexmcp/plugin.h"

struct code {
    const char *code, *meaning;
};

static const struct code codes[] = {
    {"200", "OK"},          {"201", "Created"},           {"204", "No Content"},
    {"301", "Moved"},       {"304", "Not Modified"},      {"400", "Bad Request"},
    {"401", "Unauthorized"}, {"403", "Forbidden"},        {"404", "Not Found"},
    {"409", "Conflict"},    {"429", "Too Many Requests"}, {"500", "Internal Server Error"},
};
#define CODE_COUNT (sizeof(codes) / sizeof(codes[0]))

/* One instance: the tables that the host calls, and what they need. */
struct plugin {
    hexmcp_plugin plugin;
    hexmcp_resource_1 resource;
    const hexmcp_host *host;
};

/* Ends the call with one text. */
static int32_t answer(const struct plugin *p, hexmcp_call call, hexmcp_str uri, hexmcp_str text)
{
    hexmcp_json_writer w;
    hexmcp_json_writer_init(&w);
    hexmcp_json_begin_object(&w);
    hexmcp_json_key(&w, "contents");
    hexmcp_json_begin_array(&w);
    hexmcp_json_begin_object(&w);
    hexmcp_json_put_string(&w, "uri", uri);
    hexmcp_json_put_text(&w, "mimeType", "text/plain");
    hexmcp_json_put_string(&w, "text", text);
    hexmcp_json_end_object(&w);
    hexmcp_json_end_array(&w);
    hexmcp_json_end_object(&w);
    int32_t status = p->host->complete(p->host->ctx, call, HEXMCP_RESULT,
                                       hexmcp_json_writer_text(&w));
    hexmcp_json_writer_free(&w);
    /* A call that the host has given up meanwhile is no fault. */
    return status == HEXMCP_E_NOT_FOUND ? HEXMCP_OK : status;
}

static int32_t read_all(const struct plugin *p, hexmcp_call call, hexmcp_str uri)
{
    char text[1024];
    size_t len = 0;
    for (size_t i = 0; i < CODE_COUNT; i++)
        len += (size_t)snprintf(text + len, sizeof(text) - len, "%s %s\n", codes[i].code,
                                codes[i].meaning);
    return answer(p, call, uri, (hexmcp_str){text, len});
}

/* Runs on a worker thread, several calls at once. `variables` is {} for a listed resource. */
static int32_t read_resource(void *self, hexmcp_call call, hexmcp_str uri, hexmcp_str variables,
                             hexmcp_error *err)
{
    hexmcp_str code;
    if (hexmcp_json_get(variables, "code", &code) != HEXMCP_OK)
        return read_all((struct plugin *)self, call, uri);
    for (size_t i = 0; i < CODE_COUNT; i++)
        if (hexmcp_json_equals(code, codes[i].code))
            return answer((struct plugin *)self, call, uri, hexmcp_str_from(codes[i].meaning));
    return hexmcp_fail(err, HEXMCP_E_NOT_FOUND,
                       "there is no such code; {{name}}://codes lists all");
}

static int32_t init(void *self, hexmcp_str config, hexmcp_error *err)
{
    (void)self;
    (void)config; /* the settings; plugin.json can have a schema for them */
    (void)err;
    return HEXMCP_OK;
}

static const void *get_interface(void *self, const char *id)
{
    return strcmp(id, HEXMCP_RESOURCE_1) == 0 ? &((struct plugin *)self)->resource : NULL;
}

static int32_t create(const hexmcp_host *host, const hexmcp_plugin **out, hexmcp_error *err)
{
    struct plugin *p = (struct plugin *)calloc(1, sizeof(*p));
    if (!p)
        return hexmcp_fail(err, HEXMCP_E_NOMEM, "out of memory");
    p->host = host;
    p->plugin.size = sizeof(p->plugin);
    p->plugin.self = p;
    p->plugin.init = init;
    p->plugin.get_interface = get_interface;
    p->plugin.destroy = free;
    p->resource.size = sizeof(p->resource);
    p->resource.self = p;
    p->resource.read = read_resource;
    *out = &p->plugin;
    return HEXMCP_OK;
}

/* The id and the version stand in plugin.json, too, and must be equal. */
HEXMCP_PLUGIN_DEFINE("{{id}}", "0.1.0", create);
