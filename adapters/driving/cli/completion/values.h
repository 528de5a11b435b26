/* What can stand for an operand or the value of an option, by what the usage text calls it. */
#pragma once

#include "adapters/driving/cli/completion/line.h"

/* Offers values of `what`: TOOL, PROMPT, RESOURCE, ID, ID|FOLDER, COMMAND, CLIENT, FILE, FOLDER,
 * DIR, FILE|FOLDER|URL,
 * KEY=VALUE, NAME=VALUE, NAME=FILE, or words in small letters with bars between them, which are the
 * values. For everything else nothing is offered. False if nothing was. */
bool offer_values(const struct line *line, struct str what);
