/* The arguments of a tool from the command line. */
#pragma once

#include "adapters/driving/cli/command.h"
#include "core/json/json.h"
#include "ports/item.h"

/*
 * The object to call `tool` with: the JSON operand ("-" reads standard input) with each
 * --arg NAME=VALUE and --arg-file NAME=FILE put in. A value is taken as the tool's input schema types the property: a string
 * as it stands, everything else as JSON. The caller frees the document. ST_INVALID says which
 * argument and why.
 */
int arguments_read(const struct invocation *inv, const struct item *tool,
                   const char *operand, struct json_doc **out, struct error *err);

/* The same for a prompt or a template, whose arguments all are texts. */
int arguments_read_texts(const struct invocation *inv, const char *operand, struct json_doc **out,
                         struct error *err);
