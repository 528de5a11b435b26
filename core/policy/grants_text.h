/* Grants in words, for the person who is asked. Grants are as in plugin_grants.h. */
#pragma once

#include "core/base/buffer.h"
#include "core/json/json.h"

/* Appends a line for each thing that a plugin with these grants can do, e.g. "connect to
 * api.example.org\n"; each begins with `before`. "nothing beyond itself\n" if there is none. */
void grants_describe(struct json grants, struct str before, struct buffer *out);

/* Appends a line for each difference: "+ hosts: api.example.org\n" for what `after` has and `before`
 * has not, "- programs: git\n" for the reverse. Nothing if they are the same. */
void grants_differ(struct json before, struct json after, struct buffer *out);
