/* Equality as JSON Schema has it: numbers by value, objects without order. */
#pragma once

#include "core/json/json.h"

/* `steps` is lowered by the work done; the result is false, and *steps 0, when it runs out. */
bool json_equal(struct json a, struct json b, uint64_t *steps);

/* Equal values have equal hashes. */
uint64_t json_hash(struct json v);
