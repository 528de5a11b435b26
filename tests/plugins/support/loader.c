#include "tests/plugins/support/loader.h"

#include <dlfcn.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

static void *open_library(const char *dir, const char *id)
{
    char path[1024];
    int len = snprintf(path, sizeof(path), "%s/%s/plugin.so", dir, id);
    assert_in_range(len, 1, sizeof(path) - 1);
    void *library = dlopen(path, RTLD_NOW | RTLD_LOCAL);
    if (!library)
        fail_msg("%s", dlerror());
    return library;
}

static void check_info(const hexmcp_plugin_info_1 *info, const char *id)
{
    assert_non_null(info);
    assert_memory_equal(info->magic, HEXMCP_MAGIC, sizeof(info->magic));
    assert_int_equal(info->size, sizeof(*info));
    assert_int_equal(info->abi_major, HEXMCP_ABI_MAJOR);
    assert_string_equal(info->id, id);
}

/* A table that is there is whole: a member that is missing is NULL. */
static void get_tables(struct loaded_plugin *p)
{
    const hexmcp_plugin *plugin = p->plugin;
    assert_null(plugin->get_interface(plugin->self, "hexmcp.tool/1x"));
    p->tool = plugin->get_interface(plugin->self, HEXMCP_TOOL_1);
    p->resource = plugin->get_interface(plugin->self, HEXMCP_RESOURCE_1);
    p->prompt = plugin->get_interface(plugin->self, HEXMCP_PROMPT_1);
    assert_true(p->tool || p->resource || p->prompt);
    if (p->tool)
        assert_int_equal(p->tool->size, sizeof(hexmcp_tool_1));
    if (p->resource)
        assert_int_equal(p->resource->size, sizeof(hexmcp_resource_1));
    if (p->prompt)
        assert_int_equal(p->prompt->size, sizeof(hexmcp_prompt_1));
}

void plugin_load(struct loaded_plugin *p, const char *id, const char *config)
{
    plugin_load_from(p, TEST_PLUGINS_DIR, id, config);
}

void plugin_load_from(struct loaded_plugin *p, const char *dir, const char *id,
                      const char *config)
{
    hexmcp_error err = {.size = sizeof(err)};
    void *library = open_library(dir, id);
    hexmcp_plugin_create_fn create;
    *(void **)&create = dlsym(library, "hexmcp_plugin_create");
    assert_non_null(create);

    *p = (struct loaded_plugin){.fake = fake_host_new(),
                                .info = dlsym(library, "hexmcp_plugin_info")};
    check_info(p->info, id);
    assert_int_equal(create(fake_host_table(p->fake), &p->plugin, &err), HEXMCP_OK);
    assert_int_equal(p->plugin->size, sizeof(hexmcp_plugin));

    hexmcp_str settings = {config, strlen(config)};
    if (p->plugin->init(p->plugin->self, settings, &err) != HEXMCP_OK)
        fail_msg("init: %s", err.text);
    get_tables(p);
    if (p->plugin->start && p->plugin->start(p->plugin->self, &err) != HEXMCP_OK)
        fail_msg("start: %s", err.text);
}

void plugin_unload(struct loaded_plugin *p)
{
    fake_host_cancel_timers(p->fake);
    if (p->plugin->stop)
        p->plugin->stop(p->plugin->self);
    p->plugin->destroy(p->plugin->self);
    fake_host_free(p->fake);
}

/* A block of its own size. */
static hexmcp_str copy(const char *text, size_t len)
{
    char *bytes = malloc(len + (len == 0));
    assert_non_null(bytes);
    memcpy(bytes, text, len);
    return (hexmcp_str){bytes, len};
}

static void drop(hexmcp_str text)
{
    free((char *)(uintptr_t)text.ptr);
}

#define MAX_TEXTS 4

/* Copies of what a question is made of, and its call. */
struct question {
    hexmcp_call call;
    hexmcp_str text[MAX_TEXTS];
    hexmcp_error err;
};

static struct question begin(struct loaded_plugin *p, const char *const texts[MAX_TEXTS])
{
    struct question q = {.call = fake_host_open(p->fake), .err = {.size = sizeof(q.err)}};
    for (size_t i = 0; i < MAX_TEXTS; i++)
        q.text[i] = copy(texts[i], strlen(texts[i]));
    return q;
}

static void end(struct loaded_plugin *p, struct question *q, int32_t status, struct answer *ret)
{
    /* arguments are borrowed until return, also by a call that is pending */
    for (size_t i = 0; i < MAX_TEXTS; i++)
        drop(q->text[i]);
    fake_host_advance(p->fake, 0);
    fake_host_close(p->fake, q->call, status, &q->err, ret);
}

static int32_t first(struct loaded_plugin *p, enum asked asked, struct question *q)
{
    const hexmcp_str *t = q->text;
    if (asked == ASK_TOOL)
        return p->tool->call(p->tool->self, q->call, t[0], t[1], &q->err);
    if (asked == ASK_RESOURCE)
        return p->resource->read(p->resource->self, q->call, t[0], t[1], &q->err);
    return p->prompt->render(p->prompt->self, q->call, t[0], t[1], &q->err);
}

void plugin_ask(struct loaded_plugin *p, enum asked asked, const char *name, const char *args,
                struct answer *ret)
{
    struct question q = begin(p, (const char *[MAX_TEXTS]){name, args, "", ""});
    int32_t status = first(p, asked, &q);
    end(p, &q, status, ret);
}

void plugin_run(struct loaded_plugin *p, const char *tool, const char *args, size_t len,
                struct answer *ret)
{
    struct question q = begin(p, (const char *[MAX_TEXTS]){tool, "", "", ""});
    drop(q.text[1]);
    q.text[1] = copy(args, len);
    int32_t status = first(p, ASK_TOOL, &q);
    end(p, &q, status, ret);
}

static int32_t later(struct loaded_plugin *p, enum asked asked, struct question *q)
{
    const hexmcp_str *t = q->text;
    if (asked == ASK_TOOL)
        return p->tool->resume(p->tool->self, q->call, t[0], t[1], t[2], t[3], &q->err);
    if (asked == ASK_RESOURCE)
        return p->resource->resume(p->resource->self, q->call, t[0], t[1], t[2], t[3], &q->err);
    return p->prompt->resume(p->prompt->self, q->call, t[0], t[1], t[2], t[3], &q->err);
}

void plugin_resume(struct loaded_plugin *p, enum asked asked, const char *name, const char *args,
                   const char *state, const char *answers, struct answer *ret)
{
    struct question q = begin(p, (const char *[MAX_TEXTS]){name, args, state, answers});
    int32_t status = later(p, asked, &q);
    end(p, &q, status, ret);
}

void plugin_complete(struct loaded_plugin *p, enum asked asked, const char *name,
                     const char *argument, const char *value, const char *known,
                     struct answer *ret)
{
    struct question q = begin(p, (const char *[MAX_TEXTS]){name, argument, value, known});
    const hexmcp_str *t = q.text;
    assert_int_not_equal(asked, ASK_TOOL);
    int32_t status = asked == ASK_PROMPT
                         ? p->prompt->complete(p->prompt->self, q.call, t[0], t[1], t[2], t[3],
                                               &q.err)
                         : p->resource->complete(p->resource->self, q.call, t[0], t[1], t[2], t[3],
                                                 &q.err);
    end(p, &q, status, ret);
}

void assert_result(struct loaded_plugin *p, const char *tool, const char *args, const char *json)
{
    struct answer answer;
    plugin_run(p, tool, args, strlen(args), &answer);
    if (answer.status < 0)
        fail_msg("%s %s: %s", tool, args, answer.error.text);
    assert_int_equal(answer.outcome, HEXMCP_RESULT);
    assert_string_equal(answer.json, json);
    answer_free(&answer);
}

void assert_error(struct loaded_plugin *p, const char *tool, const char *args, int32_t code,
                  const char *text)
{
    struct answer answer;
    plugin_run(p, tool, args, strlen(args), &answer);
    if (answer.status >= 0)
        fail_msg("%s %s: no error but %s", tool, args, answer.json);
    assert_string_equal(answer.error.text, text);
    assert_int_equal(answer.status, code);
    answer_free(&answer);
}
