/* Where the validator finds what lies beside it, in the build folder and in an installation. */
#pragma once

#include <limits.h>

#include "core/base/error.h"

struct validator_places {
    char folder[PATH_MAX];  /* of this program */
    char program[PATH_MAX]; /* hexmcp itself */
    char modules[PATH_MAX]; /* hexmcp-regex.so ... */
};

int validator_places(struct validator_places *out, struct error *err);
