/* Inside of config: does a JSON value fit a setting, and may a project file set it so? */
#pragma once

#include "adapters/driven/config/config.h"
#include "core/json/json.h"

/* ST_CONFIG says what the setting wants. */
int value_check(const struct setting *setting, struct json value, struct error *err);

/* Whether a project file may change `before` to `value`. If `merged` is not empty afterwards, that is
 * the value to store, else it is `value`. */
int value_project(const struct setting *setting, struct json before, struct json value,
                  struct buffer *merged, struct error *err);
