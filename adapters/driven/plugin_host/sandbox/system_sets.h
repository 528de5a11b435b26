/* Public files of the system by name of the set. */
#pragma once

#include "ports/types.h"

/* Absolute paths, ends with NULL; NULL if no set has this name. Not all need to exist. */
const char *const *system_set_paths(struct str name);

/* All names for a message. */
const char *system_set_names(void);
