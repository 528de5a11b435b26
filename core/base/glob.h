/* Patterns with stars. */
#pragma once

#include "core/base/str.h"

/* "*" stands for any bytes, "?" for one character. */
bool glob_matches(struct str pattern, struct str text);
