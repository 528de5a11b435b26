/*
 * What the definition of a tool costs the model that reads it.
 *
 * An estimate: the bytes of the definition as a list shows it, without blanks, divided by 4.2. docs/tool-sets.md says
 * how the factor was measured.
 */
#pragma once

#include "ports/item.h"

/* Tokens; 0 if the definition cannot be read. */
uint32_t tool_cost(const struct item *tool);
