/* How much of the machine the process may use. */
#pragma once

#include "adapters/driven/plugin_host/sandbox/sandbox.h"

/* Sets the limits of the plan, which nothing can raise again. */
int resources_restrict(const struct sandbox_plan *plan, struct error *err);
