/* Inside of sessions: what its commands share. */
#pragma once

#include "adapters/driving/cli/app.h"
#include "core/json/json.h"

/* For people. */
void sessions_print_list(struct json answer);
void sessions_print_history(struct json answer);
void sessions_print_hits(struct json answer);

/* The commands that move files. */
int sessions_export(struct app *app, const struct invocation *inv);
int sessions_import(struct app *app, const struct invocation *inv);
