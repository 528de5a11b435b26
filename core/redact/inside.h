/* Inside of core/redact. */
#pragma once

#include "core/redact/redact.h"

/* True for a letter or digit that may be part of a key. */
static inline bool redact_word(char c)
{
    return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || (c >= '0' && c <= '9');
}

/* Length of the secret with a known shape that begins at `at`, 0 if none does. `skip` receives how
 * much of it stands in front of the secret itself, as "Bearer ". */
size_t redact_shape(struct str text, size_t at, size_t *skip, const char **what);

/* True if the piece looks drawn at random. */
bool redact_random(struct str piece);

/* True for what only stands for a secret. */
bool redact_harmless(struct str value);
