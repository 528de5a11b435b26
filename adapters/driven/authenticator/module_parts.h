/* The two halves of the module: what is filled by which source. */
#pragma once

#include "adapters/driven/authenticator/auth_module.h"

void module_fill_keys(struct auth_module *out);

/* ST_UNAVAILABLE: the library cannot be initialised. */
int module_fill_fetch(struct auth_module *out, struct error *err);
