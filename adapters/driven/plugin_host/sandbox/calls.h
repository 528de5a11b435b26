/* Which system calls the process may make, by seccomp. Once restricted, it stays so. */
#pragma once

#include "adapters/driven/plugin_host/sandbox/sandbox.h"

/* Installs the filter for all threads. Needs no_new_privs, and denied_install() before. */
int calls_restrict(const struct sandbox_plan *plan, struct sandbox_report *report,
                   struct error *err);
