/* Inside of the commands about artifacts. */
#pragma once

#include "adapters/driving/cli/app.h"
#include "adapters/driving/cli/commands.h"
#include "adapters/driving/cli/operation/operation.h"
#include "core/json/writer.h"

/* Runs an operation and prints its answer as JSON, or by print(). Gives an exit code. */
int artifacts_run(struct app *app, const struct invocation *inv, const char *operation,
                  struct str arguments, void (*print)(struct json answer));

/* "id" if the operand is one, else "name"; and the options that say which one is meant. */
void artifacts_target(struct json_writer *w, const struct invocation *inv);

/* A member from an option, if it is given. */
void artifacts_text(struct json_writer *w, const struct invocation *inv, const char *option,
                    const char *member);
int artifacts_number(struct json_writer *w, const struct invocation *inv, const char *option,
                     const char *member, struct error *err);
void artifacts_list_of(struct json_writer *w, const struct invocation *inv, const char *option,
                       const char *member);

extern const struct option_spec artifacts_which[];
