/*
 * hexmcp.test.items: answers each question with what it was asked,
 * {"of": table, "name": ..., ARGUMENTS...}. How an item behaves is told by the end of its name:
 *   fails    returns HEXMCP_E_NOT_FOUND
 *   nothing  returns HEXMCP_OK without completing the call
 *   waits    is pending until it is cancelled
 *   asks     ends HEXMCP_INPUT_REQUIRED
 * Settings:
 *   "early": true       publishes a tool in init
 *   "fails": "init"     fails there, or in "start"
 *   "without": "prompt" has no such table, or none for "resource"
 *   "short": true       the tables end before their optional functions
 */
#include <pthread.h>
#include <stdio.h>
#include <string.h>

#include "items.h"

enum table { TOOL, RESOURCE, PROMPT };
static const char *const table_names[] = {"tool", "resource", "prompt"};

struct services services;
static pthread_mutex_t lock = PTHREAD_MUTEX_INITIALIZER;
static hexmcp_call waiting[3]; /* guarded by `lock` */
static char fails[16], without[16];
static int is_short;

static int ends(hexmcp_str name, const char *end)
{
    size_t len = strlen(end);
    return name.len >= len && memcmp(name.ptr + name.len - len, end, len) == 0;
}

struct part {
    const char *key;
    hexmcp_str text;
    int is_json;
};

static int32_t echo(hexmcp_call call, enum table table, const struct part *parts, size_t count)
{
    hexmcp_json_writer w;
    hexmcp_json_writer_init(&w);
    hexmcp_json_begin_object(&w);
    hexmcp_json_put_text(&w, "of", table_names[table]);
    for (size_t i = 0; i < count; i++)
        if (parts[i].is_json)
            hexmcp_json_put_raw(&w, parts[i].key, parts[i].text);
        else
            hexmcp_json_put_string(&w, parts[i].key, parts[i].text);
    hexmcp_json_end_object(&w);
    return hexmcp_complete_writer_(services.host, call, HEXMCP_RESULT, &w);
}

static int32_t ask(enum table table, hexmcp_call call, hexmcp_str name, hexmcp_str args,
                   hexmcp_error *err)
{
    const struct part parts[] = {{"name", name, 0}, {"args", args, 1}};
    if (ends(name, "fails"))
        return hexmcp_fail(err, HEXMCP_E_NOT_FOUND, "nobody knows it");
    if (ends(name, "nothing"))
        return HEXMCP_OK;
    if (ends(name, "asks"))
        return services.host->complete(services.host->ctx, call, HEXMCP_INPUT_REQUIRED,
                                       hexmcp_str_from("{\"requests\":{},\"state\":7}"));
    if (!ends(name, "waits"))
        return echo(call, table, parts, 2);
    pthread_mutex_lock(&lock);
    waiting[table] = call;
    pthread_mutex_unlock(&lock);
    return HEXMCP_PENDING;
}

static int32_t go_on(enum table table, hexmcp_call call, hexmcp_str name, hexmcp_str args,
                     hexmcp_str state, hexmcp_str answers)
{
    const struct part parts[] = {
        {"name", name, 0}, {"args", args, 1}, {"state", state, 1}, {"answers", answers, 1}};
    return echo(call, table, parts, 4);
}

static int32_t complete_argument(enum table table, hexmcp_call call, hexmcp_str name,
                                 hexmcp_str argument, hexmcp_str value, hexmcp_str known)
{
    const struct part parts[] = {
        {"name", name, 0}, {"argument", argument, 0}, {"value", value, 0}, {"known", known, 1}};
    return echo(call, table, parts, 4);
}

static void cancel(enum table table, hexmcp_call call)
{
    char text[64];
    int len = snprintf(text, sizeof(text), "%s cancels", table_names[table]);
    pthread_mutex_lock(&lock);
    int mine = waiting[table] == call;
    waiting[table] = mine ? 0 : waiting[table];
    pthread_mutex_unlock(&lock);
    services.host->log(services.host->ctx, 0, HEXMCP_LOG_INFO, (hexmcp_str){text, (size_t)len});
    if (mine)
        services.host->complete(services.host->ctx, call, HEXMCP_CANCELLED, (hexmcp_str){"", 0});
}

/* ---- the three tables --------------------------------------------------------------------- */

static int32_t tool_call(void *self, hexmcp_call call, hexmcp_str name, hexmcp_str args,
                         hexmcp_error *err)
{
    (void)self;
    int32_t status = run_service_tool(call, name, args, err);
    return status == HEXMCP_E_NOT_FOUND ? ask(TOOL, call, name, args, err) : status;
}

static int32_t tool_resume(void *self, hexmcp_call call, hexmcp_str name, hexmcp_str args,
                           hexmcp_str state, hexmcp_str answers, hexmcp_error *err)
{
    (void)self;
    (void)err;
    return go_on(TOOL, call, name, args, state, answers);
}

static void tool_cancel(void *self, hexmcp_call call)
{
    (void)self;
    cancel(TOOL, call);
}

static int32_t resource_read(void *self, hexmcp_call call, hexmcp_str uri, hexmcp_str variables,
                             hexmcp_error *err)
{
    (void)self;
    return ask(RESOURCE, call, uri, variables, err);
}

static int32_t resource_resume(void *self, hexmcp_call call, hexmcp_str uri, hexmcp_str variables,
                               hexmcp_str state, hexmcp_str answers, hexmcp_error *err)
{
    (void)self;
    (void)err;
    return go_on(RESOURCE, call, uri, variables, state, answers);
}

static int32_t resource_complete(void *self, hexmcp_call call, hexmcp_str name,
                                 hexmcp_str argument, hexmcp_str value, hexmcp_str known,
                                 hexmcp_error *err)
{
    (void)self;
    (void)err;
    return complete_argument(RESOURCE, call, name, argument, value, known);
}

static void resource_cancel(void *self, hexmcp_call call)
{
    (void)self;
    cancel(RESOURCE, call);
}

static int32_t prompt_render(void *self, hexmcp_call call, hexmcp_str name, hexmcp_str args,
                             hexmcp_error *err)
{
    (void)self;
    return ask(PROMPT, call, name, args, err);
}

static int32_t prompt_resume(void *self, hexmcp_call call, hexmcp_str name, hexmcp_str args,
                             hexmcp_str state, hexmcp_str answers, hexmcp_error *err)
{
    (void)self;
    (void)err;
    return go_on(PROMPT, call, name, args, state, answers);
}

static int32_t prompt_complete(void *self, hexmcp_call call, hexmcp_str name, hexmcp_str argument,
                               hexmcp_str value, hexmcp_str known, hexmcp_error *err)
{
    (void)self;
    (void)err;
    return complete_argument(PROMPT, call, name, argument, value, known);
}

static void prompt_cancel(void *self, hexmcp_call call)
{
    (void)self;
    cancel(PROMPT, call);
}

static hexmcp_tool_1 tools = {sizeof(tools), 0, NULL, tool_call, tool_cancel, tool_resume};
static hexmcp_resource_1 resources = {
    sizeof(resources), 0, NULL, resource_read, resource_cancel, resource_complete, resource_resume};
static hexmcp_prompt_1 prompts = {
    sizeof(prompts), 0, NULL, prompt_render, prompt_cancel, prompt_complete, prompt_resume};

/* ---- the instance ------------------------------------------------------------------------- */

static void read_settings(hexmcp_str config)
{
    hexmcp_str value;
    fails[0] = without[0] = '\0';
    is_short = hexmcp_json_get(config, "short", &value) == HEXMCP_OK;
    if (hexmcp_json_get(config, "fails", &value) == HEXMCP_OK)
        hexmcp_json_string(value, fails, sizeof(fails), NULL);
    if (hexmcp_json_get(config, "without", &value) == HEXMCP_OK)
        hexmcp_json_string(value, without, sizeof(without), NULL);
    tools.size = is_short ? offsetof(hexmcp_tool_1, resume) : sizeof(tools);
    resources.size = is_short ? offsetof(hexmcp_resource_1, complete) : sizeof(resources);
    prompts.size = is_short ? offsetof(hexmcp_prompt_1, complete) : sizeof(prompts);
}

static int32_t init(void *self, hexmcp_str config, hexmcp_error *err)
{
    const hexmcp_host *host = services.host;
    hexmcp_str value;
    (void)self;
    read_settings(config);
    services.catalog = (const hexmcp_catalog_1 *)host->get_interface(host->ctx, HEXMCP_CATALOG_1);
    services.notify = (const hexmcp_notify_1 *)host->get_interface(host->ctx, HEXMCP_NOTIFY_1);
    if (hexmcp_json_get(config, "early", &value) == HEXMCP_OK && publish_early() != HEXMCP_OK)
        return hexmcp_fail(err, HEXMCP_E_UNAVAILABLE, "the catalogue takes nothing in init");
    if (strcmp(fails, "init") == 0)
        return hexmcp_fail(err, HEXMCP_E_CONFIG, "it was told to fail");
    return HEXMCP_OK;
}

static int32_t start(void *self, hexmcp_error *err)
{
    (void)self;
    if (strcmp(fails, "start") == 0)
        return hexmcp_fail(err, HEXMCP_E_UNAVAILABLE, "it was told to fail");
    return HEXMCP_OK;
}

static const void *get_interface(void *self, const char *id)
{
    (void)self;
    if (strcmp(id, HEXMCP_TOOL_1) == 0)
        return &tools;
    if (strcmp(id, HEXMCP_RESOURCE_1) == 0)
        return strcmp(without, "resource") == 0 ? NULL : &resources;
    if (strcmp(id, HEXMCP_PROMPT_1) == 0)
        return strcmp(without, "prompt") == 0 ? NULL : &prompts;
    return NULL;
}

static void destroy(void *self)
{
    (void)self;
    services.host->log(services.host->ctx, 0, HEXMCP_LOG_INFO, hexmcp_str_from("destroyed"));
}

static const hexmcp_plugin instance = {
    sizeof(instance), 0, NULL, init, get_interface, start, NULL, destroy,
};

static int32_t make(const hexmcp_host *host, const hexmcp_plugin **out, hexmcp_error *err)
{
    (void)err;
    services = (struct services){host, NULL, NULL};
    *out = &instance;
    return HEXMCP_OK;
}

HEXMCP_PLUGIN_DEFINE("hexmcp.test.items", "1.0.0", make);
