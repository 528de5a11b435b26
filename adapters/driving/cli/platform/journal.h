/* The journal, projections and followers of the program, for the domains that come after them. */
#pragma once

#include "adapters/driving/cli/platform/platform.h"

extern const struct platform_part platform_journal;
