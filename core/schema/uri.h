/* References to URIs, by RFC 3986. */
#pragma once

#include "core/base/arena.h"

/* `reference` against `base`, in `arena`. Fragments of the base are dropped. */
struct str uri_resolve(struct arena *arena, struct str base, struct str reference);

/* Splits at the first '#'. `fragment` is empty if there is none. */
void uri_split(struct str uri, struct str *without, struct str *fragment);

/* Decodes %XX. */
struct str uri_decode(struct arena *arena, struct str text);
