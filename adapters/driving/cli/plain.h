/* Text of plugins for people to read: what a terminal would obey or not show is spelled out. */
#pragma once

#include <stdbool.h>
#include <stdio.h>

#include "core/base/str.h"

/* Writes the text. Controls (but tab and line feed), marks of direction, zero-width characters and
 * tags appear as \u001b, \u{e0041}. */
void plain_put(FILE *out, struct str text);

/* True if plain_put would not write it as it is. */
bool plain_changes(struct str text);

/* plain_put to stdout. */
void plain_print(struct str text);

/* Writes the text as one line without its end: white space becomes a blank. What would take more
 * than `columns` is cut and ends in "..."; 0: nothing is cut. Returns the columns written. */
unsigned plain_put_line(FILE *out, struct str text, unsigned columns);

/* How many columns plain_put_line needs for all of it. */
unsigned plain_columns(struct str text);
