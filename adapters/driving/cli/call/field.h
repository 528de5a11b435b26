/*
 * One field of a form on a terminal: what is shown, and what a typed line means.
 *
 * The field is one of a form that passed form_check: a string, number, boolean or choice.
 */
#pragma once

#include "core/base/buffer.h"
#include "core/base/error.h"
#include "core/json/json.h"

/* Appends what asks for it: description and choices on lines of their own, then e.g.
 * "Age (whole number, 0 to 150) [7]: ". `current` is the JSON that an empty line keeps, or empty.
 * Text of the field is put in as it is: whoever writes it to a terminal makes it plain. */
void field_ask(struct buffer *out, struct json name, struct json field, bool required,
               struct str current);

/* Appends the JSON value that the line (not empty) stands for. ST_INVALID says why it is none. */
int field_read(struct json field, struct str line, struct buffer *value, struct error *err);

/* Appends a value as field_ask shows it, e.g. the titles of choices. */
void field_show(struct buffer *out, struct json field, struct json value);
