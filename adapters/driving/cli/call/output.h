/* Results for people: on a terminal plain, elsewhere byte for byte. */
#pragma once

#include "core/json/json.h"
#include "ports/item.h"

/* Prints the checked result of an action (ports/driving/call_service.h) to stdout; `as_json`: all of
 * it, on one line. */
void output_result(enum action action, struct json result, bool as_json);
