/* Loads a bundle of this build and runs its tools against a fake host. */
#pragma once

#include "tests/plugins/support/fake_host.h"

/* One instance, ready for calls. */
struct loaded_plugin {
    struct fake_host *fake;
    const hexmcp_plugin_info_1 *info;
    const hexmcp_plugin *plugin;
    const hexmcp_tool_1 *tool;
};

/* Loads plugin `id`, makes an instance, gives it `config` and starts it. Checks the info block, that
 * an unknown interface is NULL, and each status. Fails the test if anything is wrong. */
void plugin_load(struct loaded_plugin *p, const char *id, const char *config);

/* Stops and destroys the instance. The library stays mapped, as in the real host. */
void plugin_unload(struct loaded_plugin *p);

/* Runs one call to its end. `args` may hold NUL bytes: `len` counts. */
void plugin_run(struct loaded_plugin *p, const char *tool, const char *args, size_t len,
                struct answer *ret);

/* Runs a call and compares: the whole json of a result, the code and whole text of an error. */
void assert_result(struct loaded_plugin *p, const char *tool, const char *args, const char *json);
void assert_error(struct loaded_plugin *p, const char *tool, const char *args, int32_t code,
                  const char *text);
