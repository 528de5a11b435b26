/*
 * Private modules: parts of the program with a heavy library, loaded when first needed.
 *
 * A module is a shared object of the same build in the program's modules folder. It exports
 * `hexmcp_module_build_id`, which must equal the program's, and `hexmcp_module_entry`.
 */
#pragma once

#include "ports/types.h"

/* Whatever function the module has as its entry: cast it to what its header says. */
typedef void module_entry(void);

/* Loads <folder>/hexmcp-<name>.so for good and gives its entry. ST_UNAVAILABLE says what is
 * wrong. */
int module_open(const char *folder, const char *name, module_entry **entry, struct error *err);
