/* What the kernel lacks: a line in the report, or an error where the plan is strict. */
#pragma once

#include "adapters/driven/plugin_host/sandbox/sandbox.h"

struct missing {
    struct sandbox_report *report;
    bool strict;
    struct error *err;
};

/* Adds a printf-style sentence. ST_OK, or ST_UNSUPPORTED with the error set. */
int missing_add(struct missing *missing, const char *format, ...)
    __attribute__((format(printf, 2, 3)));
