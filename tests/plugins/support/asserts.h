/*
 * Bundles of this build in the fake host of hexmcp/test/fake_host.h, and what their calls must answer,
 * in the words of cmocka. hexmcp.schema/1 is the program's own check (fake_schema.h).
 */
#pragma once

#include "hexmcp/test/fake_host.h"

/* Loads plugin `id` of this build, gives it `config` and starts it. Fails the test if anything is
 * wrong. Ended by hexmcp_fake_unload. */
void plugin_load(hexmcp_fake_plugin *p, const char *id, const char *config);

/* The same with a bundle that lies in the folder `dir`. */
void plugin_load_from(hexmcp_fake_plugin *p, const char *dir, const char *id, const char *config);

/* Runs a tool. `args` may hold NUL bytes: `len` counts. */
void plugin_run(hexmcp_fake_plugin *p, const char *tool, const char *args, size_t len,
                hexmcp_fake_answer *ret);

/* Runs a call and compares: the whole json of a result, the code and whole text of an error. */
void assert_result(hexmcp_fake_plugin *p, const char *tool, const char *args, const char *json);
void assert_error(hexmcp_fake_plugin *p, const char *tool, const char *args, int32_t code,
                  const char *text);
