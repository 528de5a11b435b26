/* References to URIs, by RFC 3986. */
#pragma once

#include "core/base/arena.h"

/* Longer URIs are refused, so that a long base with many references stays small. */
#define URI_REFERENCE_MAX_BYTES 2048

/* `reference` against `base`, in `arena`. Fragments of the base are dropped. `ptr` is NULL if the
 * result is longer than URI_REFERENCE_MAX_BYTES or memory is short (arena->failed). */
struct str uri_resolve(struct arena *arena, struct str base, struct str reference);

/* Splits at the first '#'. `fragment` is empty if there is none. */
void uri_split(struct str uri, struct str *without, struct str *fragment);

/* Decodes %XX. */
struct str uri_decode(struct arena *arena, struct str text);
