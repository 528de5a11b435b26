/* JSON Pointer (RFC 6901). */
#pragma once

#include "core/json/json.h"

/* True for "" and for what begins with "/", without a '~' that stands for nothing. */
bool pointer_valid(struct str pointer);

/* The value at the pointer, or nothing. */
struct json pointer_get(struct json root, struct str pointer);

/* Takes the first part off a pointer that is not empty: decoded into `out`, which is emptied first. */
void pointer_take(struct str *pointer, struct buffer *out);
