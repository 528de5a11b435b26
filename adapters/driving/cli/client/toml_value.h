/* Values of TOML: where they end. */
#pragma once

#include "adapters/driving/cli/client/toml.h"

/* Takes the string whose quote stands at *at; `lines`: it may be one of many lines. Appends the
 * decoded text. False if it is malformed. */
bool toml_take_string(struct str text, size_t *at, bool lines, struct buffer *out);

/* Takes a key, dots and space around them included. False if it is malformed or too long. */
bool toml_take_key(struct str text, size_t *at, struct toml_key *key);

/* Takes a value. False if it is malformed. */
bool toml_take_value(struct str text, size_t *at, int depth);

/* Moves over blanks (space and tab). */
void toml_skip_blanks(struct str text, size_t *at);

/* Moves over blanks, comments and line breaks. False at a malformed comment. */
bool toml_skip_lines(struct str text, size_t *at);

/* Moves over a comment up to its line break, if there is one at *at. False if it is malformed. */
bool toml_take_comment(struct str text, size_t *at);

/* Moves over one line break. False if there is none. */
bool toml_take_break(struct str text, size_t *at);
