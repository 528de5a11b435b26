/*
 * hexmcp/ext/resource.h - "hexmcp.resource/1": a plugin that provides resources.
 *
 * SPDX-License-Identifier: MIT
 *
 * Resources and templates are listed in the manifest (`resources`, `resourceTemplates`).
 * The json of HEXMCP_RESULT for a read is {"contents":[{"uri","mimeType"?,"text"|"blob"}...]},
 * at least one; HEXMCP_E_NOT_FOUND says that there is no such resource.
 */
#ifndef HEXMCP_EXT_RESOURCE_H
#define HEXMCP_EXT_RESOURCE_H

#include "hexmcp/abi.h"

#ifdef __cplusplus
extern "C" {
#endif

#define HEXMCP_RESOURCE_1 "hexmcp.resource/1"

/* The plugin's table. Since: 1.0. */
typedef struct hexmcp_resource_1 {
    uint32_t size;     /* sizeof(hexmcp_resource_1)                                              */
    uint32_t reserved; /* 0                                                                      */
    void *self;        /* first argument of every function below                                 */

    /* [worker] Reads `uri`, which is listed or matches a template. `variables_json` is an object
     * with the template's variables, decoded; "{}" for a listed resource. Return values as
     * hexmcp_tool_1.call. */
    int32_t (*read)(void *self, hexmcp_call call, hexmcp_str uri, hexmcp_str variables_json,
                    hexmcp_error *err);

    /* [loop] As hexmcp_tool_1.cancel; may be NULL. */
    void (*cancel)(void *self, hexmcp_call call);

    /* [worker] Suggests values for the variable `argument` of the template `uri_template` that
     * begin with `value`. `context_json` is an object of the variables known so far. The json of
     * HEXMCP_RESULT is {"values":[string...],"total"?:n,"hasMore"?:bool}, at most 100 values.
     * NULL if the plugin completes nothing. */
    int32_t (*complete)(void *self, hexmcp_call call, hexmcp_str uri_template, hexmcp_str argument,
                        hexmcp_str value, hexmcp_str context_json, hexmcp_error *err);

    /* Goes on with a read that ended HEXMCP_INPUT_REQUIRED; see hexmcp_tool_1.resume. May be NULL. */
    int32_t (*resume)(void *self, hexmcp_call call, hexmcp_str uri, hexmcp_str variables_json,
                      hexmcp_str state_json, hexmcp_str answers_json, hexmcp_error *err);
} hexmcp_resource_1;

#ifdef __cplusplus
}
#endif

#endif
