/* Inside of core/schema: the formats that can be checked. */
#pragma once

#include "core/base/str.h"

struct format {
    struct str name;
    const char *what; /* for "must be ..." */
    bool (*fits)(struct str text);
};

/* NULL for formats that only annotate. */
const struct format *format_find(struct str name);
