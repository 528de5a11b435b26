/* Text of plugins for people to read: what a terminal would obey or not show is spelled out. */
#pragma once

#include "core/base/str.h"

/* Prints the text to stdout. Controls (but tab and line feed), marks of direction, zero-width
 * characters and tags appear as \u001b, \u{e0041}. */
void plain_print(struct str text);
