/* Arguments of the tool, prompt or template that the line names: their names and values. */
#pragma once

#include "adapters/driving/cli/app.h"
#include "adapters/driving/cli/completion/line.h"

/* Offers NAME= or, behind the "=", values: those that the schema names, or for a prompt or template
 * those that its plugin completes. */
void offer_argument(struct app *app, const struct line *line);

/* Offers NAME= alone. */
void offer_argument_name(struct app *app, const struct line *line);
