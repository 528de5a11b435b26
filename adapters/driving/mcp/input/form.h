/* The flat form of an elicitation: a requestedSchema whose shape (SHAPE_FORM) is right. */
#pragma once

#include "adapters/driving/mcp/revision.h"
#include "core/base/error.h"
#include "core/json/writer.h"

/* Checks what the shape cannot say: keywords of JSON Schema have good values, defaults fit their
 * field, choices are different and have a name each, `required` names fields that there are. */
int form_check(struct json schema, struct error *err);

/* True if a field takes several values: revisions without FEATURE_FORM_CHOICES cannot show that. */
bool form_has_multiple_choice(struct json schema);

/* Writes the schema as the revision knows it. Without FEATURE_FORM_CHOICES titled choices become
 * `enum` and `enumNames`, and only booleans keep their default. */
void form_write(struct json_writer *w, struct json schema, enum revision revision);

/* ST_OK if the content that the client accepted fits the form; ST_INVALID says why not. */
int form_check_content(struct json schema, struct json content, struct error *err);
