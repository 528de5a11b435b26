/*
 * JSON Schema 2020-12, and draft-07 for schemas that name it.
 *
 * A schema is compiled once and then checks any number of values, on any thread at once. `$ref` never
 * leaves the process: it finds what the schema itself, the library given with it, and the built-in
 * metaschemas of 2020-12 hold. `format` and `content*` are annotations and check nothing.
 *
 * Work is bounded: SCHEMA_STEPS steps and SCHEMA_DEPTH nested applications a check, whatever schema
 * and value say. A check that reaches a bound fails and says so.
 */
#pragma once

#include "core/base/error.h"
#include "core/json/json.h"
#include "ports/driven/regex.h"

#define SCHEMA_STEPS UINT64_C(2000000)
#define SCHEMA_DEPTH 400u

/* Schemas with more subschemas are refused. */
#define SCHEMA_MAX_NODES 20000u

struct schema;
struct schema_library;

/* Compiles `text`, which is copied. `regex` must outlive the schema. [loop]
 *   ST_INVALID      it is no valid schema: the place in it and the reason
 *   ST_UNSUPPORTED  its $schema names a dialect that is not supported
 *   ST_NOT_FOUND    a $ref leads nowhere */
int schema_compile_text(struct str text, const struct regex_port *regex, struct schema **out,
                        struct error *err);

/* The same with schemas that it may refer to by their URIs. `library` may be NULL and must outlive
 * the schema. */
int schema_compile_with(struct str text, const struct regex_port *regex,
                        const struct schema_library *library, struct schema **out,
                        struct error *err);

/* [loop] NULL is allowed. */
void schema_free(struct schema *schema);

/* [any] ST_OK if `value` fits. ST_INVALID with a text that names place and reason of the first
 * faults, e.g. `/count: must be integer, is "3"; missing required property "name"`. ST_TOO_LARGE if
 * a bound was reached. */
int schema_check(const struct schema *schema, struct json value, struct error *err);

/* Schemas under the URIs by which others refer to them. */
struct schema_library *schema_library_new(void);
int schema_library_add(struct schema_library *library, struct str uri, struct str text,
                       struct error *err);
void schema_library_free(struct schema_library *library);
