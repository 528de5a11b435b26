#include "tests/plugins/support/loader.h"

#include <dlfcn.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

static void *open_library(const char *id)
{
    char path[1024];
    int len = snprintf(path, sizeof(path), "%s/%s/plugin.so", TEST_PLUGINS_DIR, id);
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

void plugin_load(struct loaded_plugin *p, const char *id, const char *config)
{
    hexmcp_error err = {.size = sizeof(err)};
    void *library = open_library(id);
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
    assert_null(p->plugin->get_interface(p->plugin->self, "hexmcp.tool/1x"));
    p->tool = p->plugin->get_interface(p->plugin->self, HEXMCP_TOOL_1);
    assert_non_null(p->tool);
    assert_int_equal(p->tool->size, sizeof(hexmcp_tool_1));
    if (p->plugin->start && p->plugin->start(p->plugin->self, &err) != HEXMCP_OK)
        fail_msg("start: %s", err.text);
}

void plugin_unload(struct loaded_plugin *p)
{
    if (p->plugin->stop)
        p->plugin->stop(p->plugin->self);
    p->plugin->destroy(p->plugin->self);
    fake_host_free(p->fake);
}

void plugin_run(struct loaded_plugin *p, const char *tool, const char *args, size_t len,
                struct answer *ret)
{
    hexmcp_error err = {.size = sizeof(err)};
    hexmcp_str name = {tool, strlen(tool)};
    /* A block of its own, so that a sanitizer sees a read past the end. */
    char *copy = malloc(len + (len == 0));
    assert_non_null(copy);
    memcpy(copy, args, len);
    hexmcp_str arguments = {copy, len};
    hexmcp_call call = fake_host_open(p->fake);
    int32_t status = p->tool->call(p->tool->self, call, name, arguments, &err);
    free(copy); /* arguments are borrowed until return, also by a call that is pending */
    fake_host_close(p->fake, call, status, &err, ret);
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
