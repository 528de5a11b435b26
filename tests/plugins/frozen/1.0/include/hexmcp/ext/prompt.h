/*
 * hexmcp/ext/prompt.h - "hexmcp.prompt/1": a plugin that provides prompts.
 *
 * SPDX-License-Identifier: MIT
 *
 * Prompts and their arguments are listed in the manifest (`prompts`). The json of HEXMCP_RESULT is
 * {"description"?,"messages":[{"role":"user"|"assistant","content":{...}}...]}; `content` is one
 * content block of MCP, not an array.
 */
#ifndef HEXMCP_EXT_PROMPT_H
#define HEXMCP_EXT_PROMPT_H

#include "hexmcp/abi.h"

#ifdef __cplusplus
extern "C" {
#endif

#define HEXMCP_PROMPT_1 "hexmcp.prompt/1"

/* The plugin's table. Since: 1.0. */
typedef struct hexmcp_prompt_1 {
    uint32_t size;     /* sizeof(hexmcp_prompt_1)                                                */
    uint32_t reserved; /* 0                                                                      */
    void *self;        /* first argument of every function below                                 */

    /* [worker] Renders the prompt `name`. `args_json` is an object of strings; required ones are
     * there. Return values as hexmcp_tool_1.call. */
    int32_t (*render)(void *self, hexmcp_call call, hexmcp_str name, hexmcp_str args_json,
                      hexmcp_error *err);

    /* [loop] As hexmcp_tool_1.cancel; may be NULL. */
    void (*cancel)(void *self, hexmcp_call call);

    /* [worker] Suggests values for the argument `argument` of the prompt `name`; see
     * hexmcp_resource_1.complete. NULL if the plugin completes nothing. */
    int32_t (*complete)(void *self, hexmcp_call call, hexmcp_str name, hexmcp_str argument,
                        hexmcp_str value, hexmcp_str context_json, hexmcp_error *err);

    /* Goes on with a render that ended HEXMCP_INPUT_REQUIRED; see hexmcp_tool_1.resume. May be
     * NULL. */
    int32_t (*resume)(void *self, hexmcp_call call, hexmcp_str name, hexmcp_str args_json,
                      hexmcp_str state_json, hexmcp_str answers_json, hexmcp_error *err);
} hexmcp_prompt_1;

#ifdef __cplusplus
}
#endif

#endif
