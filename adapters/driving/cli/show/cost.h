/* What the tools cost: "hexmcp tools --cost". */
#pragma once

#include "adapters/driving/cli/app.h"

/* Prints a line for each tool that can be called, listed or not, and the sum. Returns the exit code. */
int tools_print_cost(struct app *app, bool as_json);
