/* Writes the form of an elicitation. */
#pragma once

#include "adapters/driving/mcp/revision.h"
#include "core/json/writer.h"

/* Writes the schema as the revision knows it. Without FEATURE_FORM_CHOICES titled choices become
 * `enum` and `enumNames`, and only booleans keep their default. */
void form_write(struct json_writer *w, struct json schema, enum revision revision);
