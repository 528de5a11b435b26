/* What a person types at the prompt of "plugin dev", done with the app. */
#pragma once

#include "adapters/driving/cli/app.h"

enum prompt_end {
    PROMPT_AGAIN, /* the next line, please */
    PROMPT_QUIT,
};

/* Does what the line says: lists what `plugin` has, calls, reads. Errors are told on stderr. `line` ends
 * with NUL. */
enum prompt_end prompt_do(struct app *app, struct str plugin, const char *line);
