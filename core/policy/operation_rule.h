/*
 * Rules that name operations of the platform (ports/driving/operation_service.h): one by its name,
 * "session.create"; all of a domain, "session.*"; or all, "*". A name is two or more parts with dots
 * between them, of letters, digits, "_" and "-", at most 127 bytes.
 */
#pragma once

#include "core/base/error.h"

#define OPERATION_RULE_MAX 127

/* False: `err` (ST_INVALID) has a sentence that names the rule and says what to write. */
bool operation_rule_valid(struct str rule, struct error *err);

/* True if all that `other`, a name or a rule, stands for is in the rule. */
bool operation_rule_covers(struct str rule, struct str other);
