/*
 * Sees system calls of this process that a plugin should not make: a seccomp filter turns them into
 * SIGSYS, and the handler decides. Nothing outside of the process is needed for it, and no rights.
 *
 * There is one watch in a process, and it lasts until the process ends. It is an observation, not a
 * wall: a plugin in the same process that wants to can take the handler away. The wall is the
 * sandbox of the isolated mode.
 */
#pragma once

#include <stdbool.h>
#include <stddef.h>

/* Told by the signal handler, on the thread that made the call: what was tried ("start a process",
 * "open", ...) and on what; `object` may be "". Returns true to let it happen. */
typedef bool (*watch_fn)(void *arg, const char *what, const char *object);

enum watch_scope {
    WATCH_HARM,  /* what harms others: processes, programs, signals to others; never let happen */
    WATCH_WORLD, /* that, and files and sockets                                                 */
};

/* False if this processor or kernel has no such filter: then nothing is seen. */
bool watch_begin(enum watch_scope scope, watch_fn told, void *arg);
