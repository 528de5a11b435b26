/*
 * JSON Schema 2020-12, and draft-07 for schemas that name it in $schema.
 *
 * A schema is compiled once and then checks any number of values, on any thread at once. `$ref`
 * never leaves the process: it finds what the schema itself, the library given with it, and the
 * built-in metaschemas of the two dialects hold. `content*` are annotations and check nothing; so
 * does `format`, unless an option asks for it or the metaschema has the vocabulary
 * format-assertion.
 *
 * Work is bounded, whatever schema and value say: SCHEMA_STEPS steps and SCHEMA_VALUE_STEPS more
 * for each value in the checked one, and SCHEMA_DEPTH schemas applied within each other. A step is
 * about one keyword on one value; a search for a pattern counts as 100. A check that reaches a
 * bound fails and says so. A check takes up to 512 KiB of stack.
 */
#pragma once

#include "core/base/arena.h"
#include "core/base/error.h"
#include "core/json/json.h"
#include "ports/driven/regex.h"

#define SCHEMA_STEPS UINT64_C(2000000)
#define SCHEMA_VALUE_STEPS UINT64_C(32)
#define SCHEMA_DEPTH 1000u

/* Schemas with more text, subschemas, or $id and anchors are refused, as are URIs of more than
 * 2,048 bytes. */
#define SCHEMA_MAX_BYTES ((size_t)4 << 20)
#define SCHEMA_MAX_NODES 20000u
#define SCHEMA_MAX_NAMES 2000u

/* Faults of one check that are told. */
#define SCHEMA_MAX_FAULTS 16u

struct schema;
struct schema_library;

struct schema_options {
    const struct regex_port *regex;       /* NULL: `pattern` is refused; must outlive the schema */
    const struct schema_library *library; /* may be NULL; must outlive the schema                */
    bool assert_formats;                  /* `format` checks date, date-time, email, ipv4, ipv6,
                                             time, uri and uuid; other formats check nothing     */
};

/* Compiles `text`, which is copied. [any]
 *   ST_INVALID      it is no valid schema: the place in it, the keyword and the reason
 *   ST_UNSUPPORTED  its $schema names a dialect that is not supported
 *   ST_NOT_FOUND    a $ref leads nowhere
 *   ST_TOO_LARGE    a limit above
 *   ST_UNAVAILABLE  it has a pattern and the regex library cannot be loaded */
int schema_compile_with(struct str text, const struct schema_options *options, struct schema **out,
                        struct error *err);

/* The same with no option but `regex`. */
int schema_compile_text(struct str text, const struct regex_port *regex, struct schema **out,
                        struct error *err);

/* [any] NULL is allowed. */
void schema_free(struct schema *schema);

/* Why a value does not fit. The text is for a person or a model. */
struct schema_fault {
    struct str instance; /* JSON Pointer into the checked value; empty: the whole of it           */
    struct str keyword;
    struct str schema;   /* JSON Pointer of the keyword as a URI fragment, e.g. #/properties/n/type,
                            with the URI in front if it stands in another text than the schema's  */
    struct str message;  /* e.g. must be an integer, is a string                                  */
};

struct schema_result {
    struct schema_fault *faults; /* in `memory` */
    uint32_t count;              /* at most SCHEMA_MAX_FAULTS */
    bool more;                   /* there were more */
    struct arena memory;
};

#define SCHEMA_RESULT_INIT {NULL, 0, false, ARENA_INIT}

/* [any] ST_OK if `value` fits; nothing stands for an empty object. Otherwise `result`, which starts
 * as SCHEMA_RESULT_INIT, holds at least one fault (unless memory is short):
 *   ST_INVALID    it does not fit
 *   ST_TOO_LARGE  a bound was reached, so nobody knows
 *   ST_NOMEM */
int schema_validate(const struct schema *schema, struct json value, struct schema_result *result);

/* Appends all faults as one line: `/count: must be an integer, is a string; missing required
 * property "input"`. */
void schema_result_text(const struct schema_result *result, struct buffer *out);

/* Frees what the result holds and makes it ready for another check. */
void schema_result_clear(struct schema_result *result);

/* [any] schema_validate for those who want a status and one line. */
int schema_check(const struct schema *schema, struct json value, struct error *err);

/* Schemas under the URIs by which others refer to them. The text is copied. */
struct schema_library *schema_library_new(void);
int schema_library_add(struct schema_library *library, struct str uri, struct str text,
                       struct error *err);
void schema_library_free(struct schema_library *library);
