/* What the process may open, by Landlock. Once restricted, it stays so. */
#pragma once

#include "adapters/driven/plugin_host/sandbox/sandbox.h"

/* Makes all of the file system, but for what the plan names, unreachable; also TCP, abstract
 * sockets and signals to others, where the kernel's revision can. Needs no_new_privs. */
int files_restrict(const struct sandbox_plan *plan, struct sandbox_report *report,
                   struct error *err);
