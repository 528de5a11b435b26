/* From ECMA-262 patterns to PCRE2's, where the two differ and no option of PCRE2's helps. */
#pragma once

#include "core/base/buffer.h"

/*
 * Appends the pattern for PCRE2:
 *   \p{Letter}, \p{Script=Greek}   names of Unicode properties become PCRE2's
 *   \s \S                         match the spaces of ECMA-262; \d \w \b stay ASCII. (A \S inside
 *                                 of a class takes U+FEFF and leaves U+0085 out.)
 *   .                             does not match U+2028, U+2029 and carriage return
 *   [^]                           any character
 *   [ in a class                  never begins a POSIX class
 * What PCRE2 has and ECMA-262 has not is refused: escapes like \A and \Q, groups like (?>, (?i),
 * (?P<, (?#, (?R) and (*VERB), possessive repeats. ST_INVALID names the position.
 *
 * With `source` it receives the position in `pattern` of what became byte `target` of the result.
 */
int translate_pattern(struct str pattern, struct buffer *out, size_t target, size_t *source,
                      struct error *err);
