/*
 * hexmcp/host/schema.h - "hexmcp.schema/1": does a JSON value fit a JSON Schema?
 *
 * SPDX-License-Identifier: MIT
 *
 * The same check that the host makes of arguments and results, for schemas that a plugin is given
 * while it runs: 2020-12, and draft-07 for schemas that name it in $schema. No grant is needed.
 *
 * The function returns its answer instead of replying later, on every thread: it is computation on
 * two texts, it waits for nobody, keeps nothing and touches no state of the host. (The first pattern
 * loads the library for patterns, once.) A $ref finds what the schema itself and the two metaschemas
 * hold; nothing is ever fetched. The work is bounded whatever the texts say, but the bound is high:
 * a hostile schema can take some hundred milliseconds. So on the loop check only what is small and
 * your own, and run tools that are given a schema by "mode": "worker". It takes up to 512 KiB of
 * stack.
 */
#ifndef HEXMCP_HOST_SCHEMA_H
#define HEXMCP_HOST_SCHEMA_H

#include "hexmcp/host.h"

#ifdef __cplusplus
extern "C" {
#endif

#define HEXMCP_SCHEMA_1 "hexmcp.schema/1"

/* Most bytes of a schema and of a value. */
#define HEXMCP_SCHEMA_BYTES_MAX 4194304
#define HEXMCP_SCHEMA_VALUE_BYTES_MAX 16777216

/* Most faults that are told, and most bytes of each pointer in one: longer ones are cut. */
#define HEXMCP_SCHEMA_FAULTS_MAX 16
#define HEXMCP_SCHEMA_POINTER_MAX 1024

/* Flag: `format` checks date, date-time, email, ipv4, ipv6, time, uri and uuid. Without it `format`
 * checks nothing, as the standard has it. Since: 1.0. */
#define HEXMCP_SCHEMA_FORMATS 1u

/* Since: 1.0. */
typedef struct hexmcp_schema_1 {
    uint32_t size;
    uint32_t reserved; /* 0 */
    void *ctx;         /* first argument of every function below */

    /* [any] Checks the JSON text `value` against the JSON text `schema`. On HEXMCP_OK
     * told(arg, json) was called once, before return and on this thread; `json` is borrowed until it
     * returns:
     *
     *   {"valid": true or false,
     *    "faults": [{"instance": JSON Pointer into the value, "" for the whole of it,
     *                "keyword": the keyword that failed,
     *                "schema": JSON Pointer of the keyword as a URI fragment, "#/a/type",
     *                "message": "must be an integer, is a string"}...],
     *    "more": true if there were more faults than are told}
     *
     * Otherwise nothing was told, and *err (NULL is allowed) says why:
     *   HEXMCP_E_INVALID      one of the texts is no JSON, or the schema is no schema
     *   HEXMCP_E_UNSUPPORTED  its $schema names another dialect; or an unknown flag
     *   HEXMCP_E_NOT_FOUND    a $ref leads nowhere
     *   HEXMCP_E_TOO_LARGE    a text, or the work: nobody knows whether the value fits
     *   HEXMCP_E_UNAVAILABLE  the schema has a pattern and the library for it cannot be loaded
     *   HEXMCP_E_NOMEM */
    int32_t (*validate)(void *ctx, hexmcp_str schema, hexmcp_str value, uint32_t flags,
                        void (*told)(void *arg, hexmcp_str json), void *arg, hexmcp_error *err);
} hexmcp_schema_1;

#ifdef __cplusplus
}
#endif

#endif
