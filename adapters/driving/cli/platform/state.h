/* State as a part of the platform. */
#pragma once

#include "adapters/driving/cli/platform/platform.h"

extern const struct platform_part platform_state;
