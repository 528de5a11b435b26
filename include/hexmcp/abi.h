/*
 * hexmcp/abi.h - the types that cross the boundary between hexmcp and a plugin.
 *
 * SPDX-License-Identifier: MIT
 *
 * Compiles alone as C99, C11 and C++11. A plugin needs no library of hexmcp's: everything that a
 * plugin calls arrives as a table of functions.
 *
 * Rules that hold everywhere in this folder, unless a comment says otherwise:
 *
 *   Memory   Arguments are borrowed until the function returns. Who keeps, copies. Nobody frees
 *            what the other side allocated. Results are handed over through a function that
 *            copies. A pointer from get_interface lives as long as the instance or the host.
 *   Outputs  Out-parameters are written only on success, an error object only on failure.
 *   Text     JSON and names are UTF-8, with a length, not terminated by NUL.
 *   Threads  Every function carries a tag:
 *              [loop]    on the host's one loop thread; must not block (10 ms is long)
 *              [worker]  on a pool thread of the host; may block
 *              [any]     callable from every thread, also from threads that the plugin made
 *            A host function tagged [any] may be called on every thread and never waits.
 *   Growth   Every table begins with its size in bytes. Within a revision members are only
 *            appended. A member exists if the size covers it and, for functions, if it is not NULL
 *            (HEXMCP_HAS). A change that would break is a new interface id.
 *   C++      No exception may leave a plugin function.
 *
 * Status: ABI version 1 is frozen. What may still come: members at the end of tables, flags, error
 * codes, members of JSON, interfaces. What never changes: order, type, meaning, thread and ownership of
 * what is there. The drafts in ext/draft are no part of it and may change with any version; they come
 * by hexmcp/all.h alone. docs/plugins/stability.md says more.
 */
#ifndef HEXMCP_ABI_H
#define HEXMCP_ABI_H

#include <stddef.h>
#include <stdint.h>

#ifdef __cplusplus
#define HEXMCP_EXTERN_C extern "C"
extern "C" {
#else
#define HEXMCP_EXTERN_C extern
#endif

/* The ABI that this header describes. The major number must match the host's or be one that the
 * host still serves; a newer minor number is fine unless min_host_minor says otherwise.
 * Since: 1.0. */
#define HEXMCP_ABI_MAJOR 1u
#define HEXMCP_ABI_MINOR 0u

/* Makes one of the two exported symbols visible. Everything else in a plugin should be hidden:
 * compile with -fvisibility=hidden. Since: 1.0. */
#define HEXMCP_EXPORT __attribute__((visibility("default")))

/* True if the table `t` is long enough to hold `member` and the member is set.
 * Use it for every member that was appended after revision 1.0. Since: 1.0. */
#define HEXMCP_HAS(t, member) \
    ((size_t)(t)->size >= offsetof(__typeof__(*(t)), member) + sizeof((t)->member) && \
     (t)->member != NULL)

/* Borrowed UTF-8 bytes: `len` bytes at `ptr`, no NUL at the end, `ptr` may be NULL if `len` is 0.
 * Valid until the function that received it returns. Since: 1.0. */
typedef struct hexmcp_str {
    const char *ptr;
    size_t len;
} hexmcp_str;

/* Bytes available in hexmcp_error.text, the closing NUL included. */
#define HEXMCP_ERROR_TEXT 480

/* Filled by whoever fails; provided by the caller; nothing to free. Since: 1.0.
 *   size  set by the caller to sizeof(hexmcp_error)
 *   code  one of HEXMCP_E_*
 *   text  NUL-terminated UTF-8 for a person: what failed, on what, what to do; no secrets */
typedef struct hexmcp_error {
    uint32_t size;
    int32_t code;
    char text[HEXMCP_ERROR_TEXT];
} hexmcp_error;

/* Names one running call. Never a pointer: a late completion meets an unknown id, not freed
 * memory. 0 is never a call. Ids are not reused within a process. Since: 1.0. */
typedef uint64_t hexmcp_call;

/* What functions return: a status of zero or more is success, a negative one an error. */
#define HEXMCP_OK 0      /* done; for hexmcp_tool_1.call: complete() was called before return */
#define HEXMCP_PENDING 1 /* accepted; exactly one complete() will follow, from any thread     */

/* Error codes. The last column is what a client sees when a call fails with it. */
#define HEXMCP_E_GENERIC (-1)      /* unexpected failure of the plugin         internal error     */
#define HEXMCP_E_NOMEM (-2)        /* out of memory; worth a retry             internal error     */
#define HEXMCP_E_INVALID (-3)      /* arguments are wrong                      tool error         */
#define HEXMCP_E_NOT_FOUND (-4)    /* the thing named does not exist           tool error         */
#define HEXMCP_E_UNSUPPORTED (-5)  /* this plugin does not do that             tool error         */
#define HEXMCP_E_DENIED (-6)       /* no grant                                 tool error         */
#define HEXMCP_E_CANCELLED (-7)    /* the call was cancelled                   nothing is sent    */
#define HEXMCP_E_TIMEOUT (-8)      /* a time limit was reached; retry          tool error         */
#define HEXMCP_E_BUSY (-9)         /* a queue is full; retry later             tool error         */
#define HEXMCP_E_UNAVAILABLE (-10) /* something needed is down; retry later    tool error         */
#define HEXMCP_E_TOO_LARGE (-11)   /* a size limit was reached                 tool error         */
#define HEXMCP_E_PROTOCOL (-12)    /* the other side broke this contract       internal error     */
#define HEXMCP_E_CONFIG (-13)      /* the configuration is wrong               (init only)        */

/* How a call ended: the argument `outcome` of hexmcp_host.complete(). Since: 1.0. */
#define HEXMCP_RESULT 0u         /* json: a result object, see hexmcp/ext/tool.h                 */
#define HEXMCP_TOOL_ERROR 1u     /* json: a result object; shown to the model as a failure       */
#define HEXMCP_FAIL 2u           /* json: {"code":HEXMCP_E_*,"message":"..."}                     */
#define HEXMCP_CANCELLED 3u      /* json: ignored; the answer to cancel()                        */
#define HEXMCP_INPUT_REQUIRED 4u /* json: {"requests":{key:{"method","params","optional"?}},
                                    "state":any}, see hexmcp/ext/tool.h                          */

/* Log levels, those of RFC 5424 by name. Since: 1.0. */
#define HEXMCP_LOG_DEBUG 0u
#define HEXMCP_LOG_INFO 1u
#define HEXMCP_LOG_NOTICE 2u
#define HEXMCP_LOG_WARNING 3u
#define HEXMCP_LOG_ERROR 4u
#define HEXMCP_LOG_CRITICAL 5u
#define HEXMCP_LOG_ALERT 6u
#define HEXMCP_LOG_EMERGENCY 7u

#ifdef __cplusplus
}
#endif

#endif
