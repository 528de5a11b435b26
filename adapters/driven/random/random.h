/* The kernel's randomness. */
#pragma once

#include "ports/driven/random.h"

const struct random_port *system_random_port(void);
