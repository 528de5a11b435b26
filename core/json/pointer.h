/* JSON Pointer, RFC 6901: the place of a value in a document. */
#pragma once

#include "core/json/json.h"

/* True if `pointer` is "" or begins with '/', and has no '~' but "~0" and "~1". */
bool json_pointer_valid(struct str pointer);

/* Takes the first reference token off *pointer and appends it, decoded, to `token`, which is emptied
 * first. False at the end. `pointer` must be valid. */
bool json_pointer_next(struct str *pointer, struct buffer *token);

/* True if `pointer` names the place `outer` or one inside of it. */
bool json_pointer_within(struct str pointer, struct str outer);

/* The value at the pointer, or nothing. */
struct json json_pointer_get(struct json root, struct str pointer);

/* Appends the text of `root` with `value` (JSON) at the pointer. A member of an object may be new; an
 * element of an array must be there, or be "-", which is behind the last one. False: there is no such
 * place, or no memory. */
bool json_pointer_set(struct json root, struct str pointer, struct str value, struct buffer *out);
