/* What is known about tools that are not there. [loop] */
#pragma once

#include "ports/types.h"

struct missing_tools {
    void *ctx;

    /* ST_UNAVAILABLE with a text that says why the tool is not there and what to do; ST_NOT_FOUND,
     * without a text: nothing is known of the name. */
    int (*explain)(void *ctx, struct str tool, struct error *err);
};
