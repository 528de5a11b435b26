/* Starting the helper program. */
#pragma once

#include <sys/types.h>

#include "core/base/error.h"

/* The ends that stay here. */
struct spawned {
    pid_t pid;
    int pidfd;  /* readable when it has ended                        */
    int wire;   /* the socket                                        */
    int output; /* what it writes to stdout and stderr               */
    int report; /* records of what the sandbox refused               */
};

/* Starts `program` with the checked plugin file `plugin` and this environment, which ends with NULL. It
 * gets no other descriptor. Returns when it has been started or could not be. [loop], as it ends with the
 * thread that started it. ST_UNAVAILABLE. */
int spawn_helper(const char *program, int plugin, char *const *environment, struct spawned *out,
                 struct error *err);
