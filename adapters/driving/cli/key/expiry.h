/* "--expires 90d": how long from now on. */
#pragma once

#include "core/base/error.h"
#include "core/base/str.h"

/* Milliseconds of a number and a unit: h, d or w. ST_INVALID. */
int expiry_parse(struct str text, int64_t *out_ms, struct error *err);
