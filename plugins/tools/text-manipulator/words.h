/*
 * words.h - names in snake_case, camelCase and PascalCase.
 *
 * SPDX-License-Identifier: MIT
 *
 * A word is a run of letters, marks and digits of any script. A new word also begins at a capital
 * behind a small letter or digit ("utf8Text" is utf8, Text) and at the last capital of a run that a
 * small letter follows ("HTTPServer" is HTTP, Server). Apostrophes inside a word vanish ("don't" is
 * dont). Everything else separates words and is dropped.
 */
#pragma once

#include "kit/output.h"

void words_snake(hexmcp_str text, struct output *out);
void words_camel(hexmcp_str text, struct output *out);
void words_pascal(hexmcp_str text, struct output *out);
