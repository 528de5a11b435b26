/* Runs meson in the background and keeps what it says. */
#pragma once

#include "core/base/buffer.h"
#include "core/base/error.h"

struct build {
    int fd;              /* readable when it said something or ended; -1: none runs */
    int process;
    struct buffer said;
};

/* Begins `arguments` (ended by NULL; the first is found by PATH) in the folder. ST_UNAVAILABLE says
 * that it cannot be started. */
int build_start(struct build *build, const char *folder, const char *const *arguments,
                struct error *err);

/* Takes what it said. True when it has ended: then *good says whether it did its work. */
bool build_take(struct build *build, bool *good);

/* Waits for its end. Returns whether it did its work. */
bool build_wait(struct build *build);

/* Ends it if it runs, and forgets what it said. */
void build_close(struct build *build);
