/* A JSON Schema for people: a line for each value, what is in it indented below. */
#pragma once

#include "adapters/driving/cli/show/page.h"

/* Shows the properties of an object's schema. The schema comes from a plugin and is any JSON: what
 * refers to itself, lies deeper than 8 levels, or comes after 1000 lines is left out and said so. */
void schema_show(const struct page *page, struct json schema);
