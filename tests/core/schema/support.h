/* For the tests of core/schema: a regex port that knows only plain text, and short checks. */
#pragma once

#include "core/schema/schema.h"

/* Patterns are searched as plain text; "(" cannot be compiled, "slow" reaches the limit. */
extern const struct regex_port plain_regex;

struct json_doc *parse(const char *text);
struct schema *compile(const char *text);

void assert_fits(const char *schema, const char *value);

/* The value does not fit, and all faults together read `text`. */
void assert_fault(const char *schema, const char *value, const char *text);

/* What the faults read, from malloc. */
char *fault_text(const char *schema, const char *value);

/* The schema cannot be compiled: the status and the message. */
void assert_no_schema(const char *schema, int status, const char *text);
