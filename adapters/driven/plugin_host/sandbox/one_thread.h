/* How many threads there are. */
#pragma once

#include "adapters/driven/plugin_host/sandbox/sandbox.h"

/* Complains if the process has more than one thread: Landlock binds only the one that asks. */
int one_thread_check(const struct sandbox_plan *plan, struct sandbox_report *report,
                  struct error *err);
