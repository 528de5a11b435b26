/* What stays open. */
#pragma once

#include "adapters/driven/plugin_host/sandbox/sandbox.h"

/* Closes all descriptors but those of the plan and its report_fd. */
int descriptors_restrict(const struct sandbox_plan *plan, struct error *err);
