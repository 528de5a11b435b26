/* Inside of doctor: the tables of checks. */
#pragma once

#include "adapters/driving/doctor/examine.h"

extern const struct check stdio_checks[];
extern const size_t stdio_check_count;

