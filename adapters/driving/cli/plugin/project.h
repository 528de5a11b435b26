/* Makes the folder of a new plugin from templates. */
#pragma once

#include "adapters/driving/cli/plugin/template.h"

/*
 * Copies every file of the folders `layers` (ended by NULL; one that is not there is passed over)
 * into the folder `directory`, which is made if it is missing; names and texts have their
 * placeholders filled in.
 *
 * Nothing is ever overwritten: ST_CONFIG if a file is there already, ST_UNAVAILABLE if one cannot be
 * written. Then all that was made is taken away again.
 */
int project_make(const char *const *layers, const char *directory,
                 const struct template_value *values, struct error *err);
