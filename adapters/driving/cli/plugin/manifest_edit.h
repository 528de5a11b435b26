/* Changes in the text of a plugin.json that keep all else as the author wrote it. */
#pragma once

#include "core/base/buffer.h"
#include "core/base/error.h"

/* The id that the manifest names, copied; "" if it names none that could be one. */
void manifest_id(struct str text, char id[128]);

/* Appends the text with "digest" set: in its place if it is there, else behind the last key.
 * ST_INVALID: it is no JSON object. */
int manifest_set_digest(struct str text, const char *digest, struct buffer *out,
                        struct error *err);
