/* Inside of files: opening by the kernel's rules, and what its errors mean. */
#pragma once

#include "adapters/driven/files/place.h"

/* The granted folder itself, as an O_PATH descriptor; negative errno. */
int beneath_root(const struct place *place);

/* `rest` ("" for the folder itself) beneath the folder `root`, with O_CLOEXEC; negative errno. EXDEV:
 * it leads out. EAGAIN: the tree kept changing. */
int beneath_open(int root, struct str rest, int flags, unsigned mode);

/* The error for `path` and a negative errno. */
int beneath_error(struct str path, const struct place *place, int failure, struct error *err);
