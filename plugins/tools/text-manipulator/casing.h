/*
 * casing.h - full case mapping of Unicode, without regard to language.
 *
 * SPDX-License-Identifier: MIT
 *
 * Full means that one code point may become several (German sharp s becomes SS) and that a capital
 * sigma at the end of a word becomes a final sigma. The rules of Turkish, Azeri and Lithuanian are
 * left out: nothing in a text tells its language.
 */
#pragma once

#include "kit/output.h"

void casing_upper(hexmcp_str text, struct output *out);
void casing_lower(hexmcp_str text, struct output *out);

/* The first code point in title case, the rest in lower case. */
void casing_capital(hexmcp_str word, struct output *out);
