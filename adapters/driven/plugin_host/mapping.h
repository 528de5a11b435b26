/* A whole file in memory, read-only. */
#pragma once

#include "core/base/error.h"
#include "core/base/str.h"

/* Maps the `size` bytes of `fd`. An empty file gives an empty str. */
int mapping_open(int fd, size_t size, struct str *out, struct error *err);

/* An empty str is allowed. */
void mapping_close(struct str mapping);
