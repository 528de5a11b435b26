/*
 * hexmcp/ext/selftest.h - "hexmcp.selftest/1": a plugin examines itself.
 *
 * SPDX-License-Identifier: MIT
 *
 * Optional. The host runs it before a new version of a plugin takes the place of one that works, and
 * `hexmcp plugin validate` runs it too. It should be quick (the host waits ten seconds), leave nothing
 * behind, and not depend on a network.
 */
#ifndef HEXMCP_EXT_SELFTEST_H
#define HEXMCP_EXT_SELFTEST_H

#include "hexmcp/abi.h"

#ifdef __cplusplus
extern "C" {
#endif

#define HEXMCP_SELFTEST_1 "hexmcp.selftest/1"

/* The plugin's table. Since: 1.0. */
typedef struct hexmcp_selftest_1 {
    uint32_t size;     /* sizeof(hexmcp_selftest_1)                                              */
    uint32_t reserved; /* 0                                                                      */
    void *self;        /* first argument of every function below                                 */

    /* [worker] Examines the instance, which is active. Return values and completion as
     * hexmcp_tool_1.call: HEXMCP_RESULT (an object; it is not shown) means that all is well, every
     * other outcome and every error that it is not; its message is shown to a person. No grants
     * come with the call. */
    int32_t (*run)(void *self, hexmcp_call call, hexmcp_error *err);
} hexmcp_selftest_1;

#ifdef __cplusplus
}
#endif

#endif
