/* From ECMA-262 patterns to PCRE2's, where the two differ and no option of PCRE2's helps. */
#pragma once

#include "core/base/buffer.h"

/*
 * Appends the pattern for PCRE2:
 *   \p{Letter}, \p{Script=Greek}   long names of Unicode properties become PCRE2's short ones
 *   \d \w \s \b                    \d and \w stay ASCII; \s also matches the Unicode spaces
 *   \a \e \G \A \Z \z \Q \E \K ... mean nothing in ECMA-262: the backslash stays an error of PCRE2
 *                                  or is kept, as PCRE2 reads them only where ECMA has no meaning
 *   \cX                            control characters
 *   [^]                            any character
 */
void translate_pattern(struct str pattern, struct buffer *out);
