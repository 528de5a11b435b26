/*
 * What plugins tried and were not granted. Whoever refuses tells it; whoever looks after plugins sees
 * it: a plugin that was made well asks for what it needs and tries nothing else.
 */
#pragma once

#include "ports/types.h"

struct denials_port {
    void *ctx;
    /* [any] `what` says it as part of a sentence, without what changes from time to time, so that equal
     * attempts are counted together: "tried to connect to evil.example". Both are borrowed. Repeating
     * it is cheap, and so is making up ever new ones: what one plugin can do is bounded. */
    void (*denied)(void *ctx, struct str plugin, struct str what);
};
