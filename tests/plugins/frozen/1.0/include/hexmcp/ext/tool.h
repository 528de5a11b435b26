/*
 * hexmcp/ext/tool.h - "hexmcp.tool/1": a plugin that provides tools.
 *
 * SPDX-License-Identifier: MIT
 *
 * What tools there are, their schemas and how they run stands in the manifest (`tools`). The host
 * checks arguments against the input schema before the call and the result against the output
 * schema after it, so a plugin need not.
 *
 * A result object, the json of HEXMCP_RESULT and HEXMCP_TOOL_ERROR:
 *
 *   {"content":[...],              content blocks of MCP: text, image, audio, resource_link,
 *                                  resource. May be left out if structuredContent is there: the
 *                                  host then adds it as text.
 *    "structuredContent":{...},    needed if the tool has an outputSchema
 *    "_meta":{...}}                optional, passed on
 *
 * Asking for input, the json of HEXMCP_INPUT_REQUIRED:
 *
 *   {"requests":{key: {            up to 16; a key is 1 to 64 of A-Z a-z 0-9 _ . -
 *      "method":                   "elicitation/create", "sampling/createMessage" or "roots/list"
 *      "params":{...},             as MCP 2026-07-28 has them; older clients get what they know. For
 *                                  "mode":"url" an "elicitationId" may be given, see host/notify.h
 *      "optional":true}},          optional: left out if the client cannot be asked; then there is
 *                                  no answer for the key
 *    "state":any}                  given back to resume(), sealed against changes; at most 64 KiB
 *                                  with the requests
 *
 * A client that cannot be asked something that is not optional gets an error, and the call is over.
 */
#ifndef HEXMCP_EXT_TOOL_H
#define HEXMCP_EXT_TOOL_H

#include "hexmcp/abi.h"

#ifdef __cplusplus
extern "C" {
#endif

#define HEXMCP_TOOL_1 "hexmcp.tool/1"

/* The plugin's table. Since: 1.0. */
typedef struct hexmcp_tool_1 {
    uint32_t size;     /* sizeof(hexmcp_tool_1)                                                  */
    uint32_t reserved; /* 0                                                                      */
    void *self;        /* first argument of every function below                                 */

    /* Runs the tool `name` with `args_json`, the very bytes that the client sent, already valid by
     * the tool's input schema ("{}" if it sent none).
     *
     * Thread by the manifest's `run.mode` of the tool: "worker" (the default) is [worker] and may
     * block; "inline" is [loop], for pure work of microseconds. An inline tool whose arguments are
     * larger than its `run.maxInlineBytes` runs on a [worker]. Several calls run at once, on
     * several threads, unless `run.concurrent` is false.
     *
     * Returns
     *   HEXMCP_OK       complete() has been called for `call` before return
     *   HEXMCP_PENDING  complete() will be called later, or was, from any thread
     *   HEXMCP_E_*      failed; *err is filled; no complete() follows */
    int32_t (*call)(void *self, hexmcp_call call, hexmcp_str name, hexmcp_str args_json,
                    hexmcp_error *err);

    /* [loop] Asks to stop `call`. Idempotent; may name a call that just ended. A running call must
     * still be completed exactly once, soon; HEXMCP_CANCELLED is the usual outcome. NULL if the
     * plugin cannot cancel: hexmcp_call_info_1.cancelled tells the same to code that asks. */
    void (*cancel)(void *self, hexmcp_call call);

    /* Goes on with a call that ended HEXMCP_INPUT_REQUIRED, after the client answered. Same thread
     * and same return values as call().
     *   args_json     the arguments of the first round
     *   state_json    the `state` that the plugin gave, checked to be unchanged; "null" if none
     *   answers_json  {key: result} for the requests that the plugin made; answers can be missing,
     *                 and are the client's: check them
     * NULL if no tool of the plugin asks for input. */
    int32_t (*resume)(void *self, hexmcp_call call, hexmcp_str name, hexmcp_str args_json,
                      hexmcp_str state_json, hexmcp_str answers_json, hexmcp_error *err);
} hexmcp_tool_1;

#ifdef __cplusplus
}
#endif

#endif
