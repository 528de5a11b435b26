/* jansson behind names of its own: its names are ours, too. */
#pragma once

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

struct peer_value;

/* NULL if jansson refuses the text; then *known_fault tells if it is one that it is known for: numbers
 * beyond 64 bits, and U+0000 in keys. */
struct peer_value *peer_parse(const char *text, size_t len, bool *known_fault);
void peer_free(struct peer_value *value);

bool peer_is_object(const struct peer_value *v);
bool peer_is_array(const struct peer_value *v);
bool peer_is_null(const struct peer_value *v);

/* Each is false if the value is of another type. */
bool peer_bool(const struct peer_value *v, bool *out);
bool peer_double(const struct peer_value *v, double *out);
bool peer_integer(const struct peer_value *v, int64_t *out);
bool peer_string(const struct peer_value *v, const char **text, size_t *len);

/* Members or elements. */
size_t peer_count(const struct peer_value *v);
const struct peer_value *peer_member(const struct peer_value *v, const char *key, size_t len);
const struct peer_value *peer_element(const struct peer_value *v, size_t index);
