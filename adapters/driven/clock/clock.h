/* The system's clocks. */
#pragma once

#include "ports/driven/clock.h"

const struct clock_port *system_clock_port(void);
