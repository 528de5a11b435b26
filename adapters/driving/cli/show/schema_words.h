/* One value of a JSON Schema on one line. */
#pragma once

#include "core/base/buffer.h"
#include "core/json/json.h"

/* Appends type, limits and default, e.g. "integer, required, 1 to 100, default 10". */
void schema_words(struct buffer *out, struct json schema, bool required);

/* The schema that a $ref into its own document leads to; `schema` itself if it has none or it leads
 * nowhere. */
struct json schema_follow(struct json schema, struct json root);

/* True if the schema of an object requires the member. */
bool schema_requires(struct json schema, struct json name);
