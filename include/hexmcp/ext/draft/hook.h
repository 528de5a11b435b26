/*
 * hexmcp/ext/draft/hook.h - "hexmcp.hook/1": a plugin that watches or changes what happens. Draft.
 *
 * SPDX-License-Identifier: MIT
 *
 * The manifest lists the plugin's hooks:
 *
 *   "hooks": [{"name": text,
 *              "point": name of a point,
 *              "priority"?: "highest" | "high" | "normal" | "low" | "lowest" | whole number,
 *                                   smaller comes first: high is -100, normal 0, low 100
 *              "reads": [JSON Pointer...],   the parts of the data that the hook gets; nothing else
 *                                            is even made into JSON. "" is the whole
 *              "run"?: {"mode": "worker" | "inline"},   as for tools
 *              "timeoutMs"?: n,              100 if not said
 *              "gates"?: true}]              its result counts; without it the hook observes. A
 *                                            plugin in a process of its own only observes until the
 *                                            operator lists it in the setting hooks.gates
 *
 * The points:
 *   agent        BeforeAgentInit AfterAgentInit BeforeAgentExecution AfterAgentExecution AgentError
 *                BeforeAgentShutdown AfterAgentShutdown
 *   tool         BeforeToolDiscovery AfterToolDiscovery BeforeToolExecution AfterToolExecution
 *                ToolValidation ToolError
 *   prompt       BeforePrompt AfterPrompt
 *   resource     BeforeResourceRead AfterResourceRead
 *   provider     BeforeProviderCall AfterProviderCall ProviderError ContextSelected
 *   workflow     BeforeWorkflowStart WorkflowStageTransition BeforeWorkflowStage AfterWorkflowStage
 *                WorkflowCheckpoint WorkflowRollback AfterWorkflowComplete WorkflowError
 *   state        BeforeStateRead AfterStateRead BeforeStateWrite AfterStateWrite StateConflict
 *                StateMigration
 *   session      SessionStart SessionEnd SessionCheckpoint SessionRestore SessionSave
 *   event        BeforeEventEmit AfterEventEmit EventHandlerError
 *   system       SystemStartup SystemShutdown ConfigurationChange ResourceLimitExceeded
 *                SecurityViolation PluginLoaded PluginFailed RequestReceived ResponseSent
 *   performance  PerformanceThresholdExceeded MemoryUsageHigh CpuUsageHigh
 *   custom:NAME  yours
 *
 * The json of HEXMCP_RESULT says what shall happen:
 *
 *   {"result": "continue"}
 *   {"result": "modified", "data": {JSON Pointer: new value...}}    of what the hook reads; the next
 *                                                                   hook sees it
 *   {"result": "cancel", "reason": text}                  what was about to happen does not
 *   {"result": "redirect", "target": name}                another of its kind does instead; never one
 *                                                         with more rights, at most eight times
 *   {"result": "replace", "value": any}                   as if it had happened, with this result
 *   {"result": "retry", "delayMs": n, "maxAttempts": n}   again, when it has failed
 *   {"result": "fork", "operations": [{"target", "data"}...]}   these calls of tools as well, with
 *                                         these arguments; at most eight, none with more rights
 *   {"result": "cache", "key": text, "ttlMs": n}          its result may be used again
 *   {"result": "skipped", "reason": text}                 the hook had nothing to say
 *
 * cancel, redirect and replace end the chain; retry, fork and cache act after it. Before a thing its
 * input can be changed, after it its result. A hook that observes, fails, or takes too long counts as
 * "continue", unless the operator made it one that must agree (security hooks fail closed); three
 * failures in 30 seconds switch it off for a while. SecurityViolation cannot be cancelled.
 */
#ifndef HEXMCP_EXT_DRAFT_HOOK_H
#define HEXMCP_EXT_DRAFT_HOOK_H

#include "hexmcp/abi.h"
#include "hexmcp/ids.h"

#ifdef __cplusplus
extern "C" {
#endif

/* The plugin's table. Draft. */
typedef struct hexmcp_hook_1 {
    uint32_t size;     /* sizeof(hexmcp_hook_1)                                                  */
    uint32_t reserved; /* 0                                                                      */
    void *self;        /* first argument of every function below                                 */

    /* Runs the hook `name` at `point`. Thread by the manifest's `run.mode`, as hexmcp_tool_1.call, as
     * are the return values. `data_json` is {JSON Pointer: value} for what the hook reads and what is
     * there. */
    int32_t (*run)(void *self, hexmcp_call call, hexmcp_str name, hexmcp_str point,
                   hexmcp_str data_json, hexmcp_error *err);

    /* [loop] As hexmcp_tool_1.cancel; may be NULL. */
    void (*cancel)(void *self, hexmcp_call call);
} hexmcp_hook_1;

#ifdef __cplusplus
}
#endif

#endif
