/* The self-test of a plugin ("hexmcp.selftest/1") before a new version of it takes calls. */
#pragma once

#include "adapters/driven/plugin_host/host.h"

/* [loop] False if the plugin has none. Else done(arg, NULL), or with the reason, once, at once or
 * later. */
bool self_test_begin(struct plugin *p, void (*done)(void *arg, const struct error *err), void *arg);
