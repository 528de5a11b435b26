/*
 * hexmcp/ext/state.h - "hexmcp.state/1": what a plugin keeps when it is reloaded.
 *
 * SPDX-License-Identifier: MIT
 *
 * Optional. On a reload the host asks the instance that runs for its state and gives it to the
 * instance of the new version, which may be in another process. Calls that are still running in the
 * old instance go on there; what they change after save() does not reach the new one. The state is
 * bytes of the plugin's own making: put a version into it, and check what you get. State that must
 * survive a crash belongs into "hexmcp.kv/1".
 */
#ifndef HEXMCP_EXT_STATE_H
#define HEXMCP_EXT_STATE_H

#include "hexmcp/abi.h"

#ifdef __cplusplus
extern "C" {
#endif

#define HEXMCP_STATE_1 "hexmcp.state/1"

/* Most bytes of a state: 64 MiB. */
#define HEXMCP_STATE_BYTES_MAX 67108864

/* The plugin's table. Since: 1.0. */
typedef struct hexmcp_state_1 {
    uint32_t size;     /* sizeof(hexmcp_state_1)                                                 */
    uint32_t reserved; /* 0                                                                      */
    void *self;        /* first argument of every function below                                 */

    /* [loop] Gives the state: calls emit(arg, bytes) once, before return; the bytes are copied.
     * The instance goes on working afterwards, as the reload may fail. Returns HEXMCP_OK, or an
     * error with *err filled and without emit(): then the reload is given up. */
    int32_t (*save)(void *self, void (*emit)(void *arg, hexmcp_str bytes), void *arg,
                    hexmcp_error *err);

    /* [loop] Takes a state that save() gave, of this version or of another one. Called once at most,
     * after init and before start. An error ends the reload: the old version stays. The host hands on
     * what it got unread, so every byte may be wrong: check. */
    int32_t (*load)(void *self, hexmcp_str bytes, hexmcp_error *err);
} hexmcp_state_1;

#ifdef __cplusplus
}
#endif

#endif
