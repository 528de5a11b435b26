/* The regex port by PCRE2, which is loaded with the first pattern. */
#pragma once

#include "ports/driven/regex.h"

struct regex_module;

/* `folder` is where the program's modules are; borrowed. */
int regex_module_new(const char *folder, struct regex_module **out, struct error *err);

/* After the last pattern has been freed. NULL is allowed. */
void regex_module_free(struct regex_module *module);

const struct regex_port *regex_module_port(struct regex_module *module);
