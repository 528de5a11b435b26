/* The flat form of an elicitation: a requestedSchema whose shape (SHAPE_FORM) is right. */
#pragma once

#include "core/base/error.h"
#include "core/json/json.h"

/* Checks what the shape cannot say: keywords of JSON Schema have good values, defaults fit their
 * field, choices are different and have a name each, `required` names fields that there are. */
int form_check(struct json schema, struct error *err);

/* True if a field takes several values: revisions without FEATURE_FORM_CHOICES cannot show that. */
bool form_has_multiple_choice(struct json schema);

/* ST_OK if the content that the client accepted fits the form; ST_INVALID says why not. */
int form_check_content(struct json schema, struct json content, struct error *err);

/* ST_OK if the value fits one field of the form; ST_INVALID says why not. */
int form_check_value(struct json field, struct json value, struct error *err);
