/*
 * hexmcp/ext/draft/provider.h - "hexmcp.provider/1": a plugin that talks to language models. Draft.
 *
 * SPDX-License-Identifier: MIT
 *
 * Words are those of MCP where MCP has them. Unknown members and unknown values of `type` are to be
 * ignored, by both sides.
 *
 * A request, the `request_json` of generate():
 *
 *   {"model": id,
 *    "systemPrompt"?: text,
 *    "messages": [{"role": "user" | "assistant",
 *                  "content": [block...],
 *                  "raw"?: any}...],       what the provider gave as `raw` with this very message:
 *                                          send it back unchanged if it is there
 *    "tools"?: [{"name", "description"?, "inputSchema", "strict"?: bool}...],
 *    "toolChoice"?: {"mode": "auto" | "none" | "required", "name"?: only this tool,
 *                    "parallel"?: bool},
 *    "maxTokens"?: n, "stopSequences"?: [text...],
 *    "temperature"?, "topP"?, "topK"?, "presencePenalty"?, "frequencyPenalty"?, "seed"?,
 *    "thinking"?: {"effort"?: "none" | "low" | "medium" | "high" | "max", "maxTokens"?: n,
 *                  "show"?: bool},
 *    "output"?: {"schema": JSON Schema, "name"?: text},     structured output
 *    "stream": bool,                       false: nobody reads pieces
 *    "cache"?: bool,                       the provider may cache the prompt
 *    "user"?: text,                        an opaque name of the end user
 *    "extra"?: {...}}                      for the provider's API, unchecked
 *
 * Only what is there was asked for. What a model does not take is left out with a warning in the
 * result, or refused with HEXMCP_E_INVALID if leaving it out would change what is asked for.
 *
 * A block is a content block of MCP: text, image, audio, resource_link, resource, tool_use ("id",
 * "name", "input"), tool_result ("toolUseId", "content", "isError"?), or
 *   {"type": "thinking", "text"?: text, "raw"?: any}.
 *
 * A piece, the json of hexmcp_stream_1.emit, in order of their coming; `index` counts blocks:
 *
 *   {"type": "start", "id"?: of the provider's, "model"?: that really answers}
 *   {"type": "text", "index": n, "text": more of it}
 *   {"type": "thinking", "index": n, "text": more of it}
 *   {"type": "tool_use", "index": n, "id"?, "name"?, "input"?: more of the text of its JSON}
 *   {"type": "usage", ...}                 as in the result, so far
 *   {"type": "retry", "attempt": n, "afterMs": n, "message": why}
 *
 * The result, the json of HEXMCP_RESULT, whole also if pieces were emitted:
 *
 *   {"model": id, "id"?: of the provider's,
 *    "content": [block...],
 *    "raw"?: any,                          to be given back with this message in the next request
 *    "stopReason": "endTurn" | "maxTokens" | "stopSequence" | "toolUse" | "refusal" | "pause" |
 *                  "error" | "other",      "pause": send the answer back to go on
 *    "stopSequence"?: text,
 *    "usage": {"inputTokens": all of it, "cachedTokens"?: of it read from a cache,
 *              "cacheWriteTokens"?: of it written to one, "outputTokens": all of it,
 *              "thinkingTokens"?: of it},
 *    "warnings"?: [text...]}
 *
 * An `input` that is no JSON, because the model was cut off, is given as text in "inputText" instead,
 * so that the model can be told.
 *
 * A failure, the json of HEXMCP_FAIL: {"code", "message", "retryAfterMs"?: n, "final"?: true if no
 * retry helps, "requestId"?: of the provider's}. HEXMCP_E_BUSY is a rate limit, HEXMCP_E_DENIED a key
 * that is missing or refused, HEXMCP_E_TOO_LARGE a request beyond the context of the model,
 * HEXMCP_E_UNAVAILABLE a provider that is down. Retries before the first piece are the plugin's
 * business; after it there are none. Keys never stand in a message.
 */
#ifndef HEXMCP_EXT_DRAFT_PROVIDER_H
#define HEXMCP_EXT_DRAFT_PROVIDER_H

#include "hexmcp/abi.h"
#include "hexmcp/ext/draft/stream.h"
#include "hexmcp/ids.h"

#ifdef __cplusplus
extern "C" {
#endif

/* The plugin's table. Draft. */
typedef struct hexmcp_provider_1 {
    uint32_t size;     /* sizeof(hexmcp_provider_1)                                              */
    uint32_t reserved; /* 0                                                                      */
    void *self;        /* first argument of every function below                                 */

    /* [worker] Lists the models that can be used now. Return values as hexmcp_tool_1.call; the json
     * of HEXMCP_RESULT is
     *   {"models": [{"id", "title"?: text, "contextTokens"?: n, "outputTokens"?: n,
     *                "input"?: ["text" | "image" | "audio" | "document"...],
     *                "can"?: ["stream" | "tools" | "parallelTools" | "thinking" | "output" | "seed" |
     *                         "temperature" | "topP" | "topK" | "penalties" | "count"...],
     *                "retiresAt"?: date}...]}
     * What is not told is not known. */
    int32_t (*models)(void *self, hexmcp_call call, hexmcp_error *err);

    /* [worker] Lets a model answer. Return values as hexmcp_tool_1.call; better HEXMCP_PENDING than a
     * worker that waits for a network. */
    int32_t (*generate)(void *self, hexmcp_call call, hexmcp_str request_json, hexmcp_error *err);

    /* [loop] As hexmcp_tool_1.cancel; the connection is closed, so that nothing more is paid for. */
    void (*cancel)(void *self, hexmcp_call call);

    /* [worker] Counts the tokens of a request without sending it to a model: the json of
     * HEXMCP_RESULT is {"inputTokens": n}. NULL if the provider cannot. */
    int32_t (*count)(void *self, hexmcp_call call, hexmcp_str request_json, hexmcp_error *err);
} hexmcp_provider_1;

#ifdef __cplusplus
}
#endif

#endif
