/*
 * glob.h - patterns for paths.
 *
 * SPDX-License-Identifier: MIT
 *
 *   *        any characters but a slash
 *   **       any characters; as a whole component any number of components, also none
 *   ?        one character but a slash
 *   [a-z]    one of the characters, [!a-z] none of them; never a slash
 *   {a,b}    either of the patterns, which may hold braces themselves
 *   \x       the character x itself
 *
 * A pattern with a slash is for the whole path, one without for the name alone.
 */
#pragma once

#include "hexmcp/abi.h"

struct glob;

/* `name` is the argument that the pattern came from, for the message. Errors: HEXMCP_E_INVALID,
 * HEXMCP_E_TOO_LARGE, HEXMCP_E_NOMEM. */
int32_t glob_new(hexmcp_str pattern, const char *name, struct glob **ret, hexmcp_error *err);
void glob_free(struct glob *glob);

/* `name` is the last component of `path`. */
int glob_matches(struct glob *glob, const char *path, const char *name);
