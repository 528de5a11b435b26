/* JSON for people to read. */
#pragma once

#include "core/json/json.h"

/* Appends the value with a line for each member and element, indented by two spaces a level; empty
 * containers stay on one line. Strings and numbers keep their text. Failure is the buffer's. */
void json_pretty(struct buffer *out, struct json v);
