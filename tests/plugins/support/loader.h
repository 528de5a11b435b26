/* Loads a bundle of this build and runs what it provides against a fake host. */
#pragma once

#include "tests/plugins/support/fake_host.h"

/* One instance, ready for calls. A table that the plugin does not provide is NULL; one is there. */
struct loaded_plugin {
    struct fake_host *fake;
    const hexmcp_plugin_info_1 *info;
    const hexmcp_plugin *plugin;
    const hexmcp_tool_1 *tool;
    const hexmcp_resource_1 *resource;
    const hexmcp_prompt_1 *prompt;
};

/* Which of the tables is asked: a tool called, a resource read, a prompt rendered. */
enum asked { ASK_TOOL, ASK_RESOURCE, ASK_PROMPT };

/* Loads plugin `id`, makes an instance, gives it `config` and starts it. Checks the info block,
 * that an unknown interface is NULL, and each status. Fails the test if anything is wrong. */
void plugin_load(struct loaded_plugin *p, const char *id, const char *config);

/* The same with a bundle that lies in the folder `dir`. */
void plugin_load_from(struct loaded_plugin *p, const char *dir, const char *id,
                      const char *config);

/* Answers what waits, stops and destroys the instance. The library stays mapped, as in the real
 * host. */
void plugin_unload(struct loaded_plugin *p);

/* Runs one call to its end. `args` may hold NUL bytes: `len` counts. */
void plugin_run(struct loaded_plugin *p, const char *tool, const char *args, size_t len,
                struct answer *ret);

/* Asks for the first round of the tool, resource or prompt `name` and takes it to its end; replies
 * of the catalogue and timers that are due at once come meanwhile. All texts are copied to blocks of
 * their own size, gone when the plugin returns, so that a sanitizer sees a read past the end or
 * after it. */
void plugin_ask(struct loaded_plugin *p, enum asked asked, const char *name, const char *args,
                struct answer *ret);

/* A later round, with the state and the answers of the client. */
void plugin_resume(struct loaded_plugin *p, enum asked asked, const char *name, const char *args,
                   const char *state, const char *answers, struct answer *ret);

/* Asks for values of `argument` of a prompt (ASK_PROMPT) or of a template (ASK_RESOURCE). */
void plugin_complete(struct loaded_plugin *p, enum asked asked, const char *name,
                     const char *argument, const char *value, const char *known,
                     struct answer *ret);

/* Runs a call and compares: the whole json of a result, the code and whole text of an error. */
void assert_result(struct loaded_plugin *p, const char *tool, const char *args, const char *json);
void assert_error(struct loaded_plugin *p, const char *tool, const char *args, int32_t code,
                  const char *text);
