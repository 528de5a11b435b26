/*
 * hexmcp/host/process.h - "hexmcp.process/1": running programs.
 *
 * SPDX-License-Identifier: MIT
 *
 * For plugins whose manifest names programs with "grants": {"programs": ["git", "/opt/x/bin/y"]};
 * others get NULL for this id. A name without a slash is looked for in /usr/local/bin, /usr/bin and
 * /bin, nowhere else. The file, what it is a link to, and every folder above must belong to root or
 * to the user, and must not be writable by others.
 *
 * There is no shell: a program gets its arguments as they are, with spaces, quotes and all. What it
 * makes of them is its own business, and some programs read options in places where a plugin means to
 * pass a name: put "--" before names that others choose, or "./" where a program knows no "--".
 *
 * A program starts with an empty environment but LANG=C.UTF-8 and PATH=/usr/local/bin:/usr/bin:/bin,
 * in an empty folder of its own, which is removed afterwards, without further descriptors, in a
 * session of its own, without a way to new privileges (setuid bits do nothing), and with limits for
 * memory, processor time and the length of files. When it ends, and when its time is over, what it
 * has started and left in its session is killed.
 *
 * That is no sandbox: a granted program can do what the user can do. With "sandbox" in the request it
 * is one: the program reaches its own folder, the libraries of the system and what "paths" says, has no
 * network, starts no other program and no other process, and has no privileges. Kernels without
 * Landlock do not start it then: HEXMCP_E_UNAVAILABLE.
 *
 * How a run ends: end() with HEXMCP_OK, however the program ended, or with one of these and
 * {"message": text for a person}:
 *   HEXMCP_E_INVALID      the request is wrong
 *   HEXMCP_E_DENIED       the program or a variable was not granted; the file can be changed by others
 *   HEXMCP_E_NOT_FOUND    there is no such program
 *   HEXMCP_E_BUSY         too many programs of the plugin run (8, or "processes" of its grants), or
 *                         of all (64)
 *   HEXMCP_E_TOO_LARGE    write() was too far ahead
 *   HEXMCP_E_UNAVAILABLE  it cannot be started
 *   HEXMCP_E_CANCELLED    cancel(), the call ended, or the plugin stops
 *   HEXMCP_E_NOMEM
 */
#ifndef HEXMCP_HOST_PROCESS_H
#define HEXMCP_HOST_PROCESS_H

#include "hexmcp/host.h"

#ifdef __cplusplus
extern "C" {
#endif

#define HEXMCP_PROCESS_1 "hexmcp.process/1"

/* Bytes of output that the host holds for a plugin that does not take them; the program waits. */
#define HEXMCP_PROCESS_AHEAD 262144

/* Bytes that write() may be ahead of what room() told. */
#define HEXMCP_PROCESS_WRITE_AHEAD 1048576

/* Longest input in one piece, and longest arguments together. */
#define HEXMCP_PROCESS_INPUT_MAX 16777216
#define HEXMCP_PROCESS_ARGUMENTS_MAX 131072

/* Streams of output(). */
#define HEXMCP_PROCESS_STDOUT 1u
#define HEXMCP_PROCESS_STDERR 2u

/* Signals. */
#define HEXMCP_PROCESS_INT 2u
#define HEXMCP_PROCESS_KILL 9u
#define HEXMCP_PROCESS_TERM 15u

/* Gets what a program says. All [loop]; must not block. `arg` is what run() was given.
 * Since: 1.0. */
typedef struct hexmcp_process_sink {
    uint32_t size;     /* sizeof(hexmcp_process_sink)                                            */
    uint32_t reserved; /* 0 */

    /* A piece of output. HEXMCP_OK: go on. HEXMCP_PENDING: it was taken, and no more until
     * resume(). */
    int32_t (*output)(void *arg, uint32_t stream, const void *data, size_t len);

    /* The run is over, once; nothing follows. On HEXMCP_OK all output was given, and it was resumed
     * after the last pause; json is
     * {"exitCode": 0 to 255 or "signal": "KILL", "timedOut": whether its time was over,
     *  "truncated": whether output beyond maxOutputBytes was dropped,
     *  "cpuMs": processor time, "wallMs": from start to end}. An error ends it at once. */
    void (*end)(void *arg, int32_t status, hexmcp_str json);

    /* Only for "stdin": "stream", else it may be NULL: the program has taken `len` bytes of what was
     * written. */
    void (*room)(void *arg, size_t len);
} hexmcp_process_sink;

/* Since: 1.0. */
typedef struct hexmcp_process_1 {
    uint32_t size;
    uint32_t reserved; /* 0 */
    void *ctx;         /* first argument of every function below */

    /* [any] Starts a program. `json` is
     *
     *   {"program": as it stands in the grants,
     *    "arguments": [text...], without the program's own name, at most 1,024,
     *    "environment": {name: text, or null for the value that the host has}; the names must stand in
     *                   "grants": {"env": [...]}; LD_..., PATH and the like are refused always,
     *    "timeoutMs": 1 to 3,600,000; default 60,000,
     *    "maxOutputBytes": of both streams, up to 1 GiB; default 16 MiB,
     *    "sandbox": {"paths": "none" (default), "read" or "write": what it may do in the folders that
     *                the call may open, as far as they and the plugin are granted it,
     *                "folder": where it starts, a path as hexmcp.files/1 takes it; needs "paths";
     *                default its own empty folder}; without it there is no sandbox,
     *    "check": true: nothing is started, but all that can refuse the run is asked; end() then has
     *                {"path": the file, "sandbox": whether there is one, "folders": [{"path",
     *                "beneath" (if not all of it), "write"}], "environment": [names], "timeoutMs",
     *                "maxOutputBytes", "memoryBytes", "cpuSeconds"},
     *    "stdin": "none" (default), "bytes" (what `input` holds) or "stream" (write() and finish())}
     *
     * All but "program" may be missing. When its time is over a program gets SIGTERM and, two seconds
     * later, SIGKILL. `call` ties the run to a running call: it ends with the call, at the latest at
     * its deadline. 0: to none. The sink is copied, and so are the texts. *id, which may be NULL,
     * names the run; on another thread than the loop, callbacks may come before run() returns.
     *
     * HEXMCP_OK: end() follows. HEXMCP_E_BUSY above 1,024 open requests of a plugin;
     * HEXMCP_E_TOO_LARGE above HEXMCP_PROCESS_INPUT_MAX; HEXMCP_E_INVALID without output() and
     * end(); HEXMCP_E_UNAVAILABLE from when the plugin stops; HEXMCP_E_NOMEM: no callback follows. */
    int32_t (*run)(void *ctx, hexmcp_call call, hexmcp_str json, hexmcp_str input,
                   const hexmcp_process_sink *sink, void *arg, uint64_t *id);

    /* [any] Goes on with output that was answered with HEXMCP_PENDING. HEXMCP_OK;
     * HEXMCP_E_NOT_FOUND if the run is over. */
    int32_t (*resume)(void *ctx, uint64_t id);

    /* [any] The next piece of the input of a run with "stdin": "stream", copied. What the program
     * does not read any more is dropped. At most HEXMCP_PROCESS_WRITE_AHEAD bytes may be ahead of
     * what room() told; more ends the run with HEXMCP_E_TOO_LARGE. HEXMCP_OK; HEXMCP_E_NOT_FOUND if
     * the run is over; HEXMCP_E_BUSY, HEXMCP_E_NOMEM: it was not taken. */
    int32_t (*write)(void *ctx, uint64_t id, hexmcp_str piece);

    /* [any] The input is complete. HEXMCP_OK; HEXMCP_E_NOT_FOUND. */
    int32_t (*finish)(void *ctx, uint64_t id);

    /* [any] Sends HEXMCP_PROCESS_INT, _TERM or _KILL to the program and all in its session's group.
     * HEXMCP_OK; HEXMCP_E_NOT_FOUND; HEXMCP_E_INVALID for another signal. */
    int32_t (*signal)(void *ctx, uint64_t id, uint32_t number);

    /* [any] Ends the run: end() comes with HEXMCP_E_CANCELLED if it had not come; the program is
     * killed. Unknown ids are ignored. */
    void (*cancel)(void *ctx, uint64_t id);
} hexmcp_process_1;

#ifdef __cplusplus
}
#endif

#endif
