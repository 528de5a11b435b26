/* Tells that something below a folder was saved. */
#pragma once

#include "core/base/error.h"

struct saves;

/* Watches `folder` and all below it, but not `except` (a path below it) nor what begins with a dot. */
int saves_open(const char *folder, const char *except, struct saves **out, struct error *err);
void saves_close(struct saves *saves);

/* Readable when there is something to take. */
int saves_fd(const struct saves *saves);

/* Takes what there is, and what comes within a moment: an editor writes several times. True if a file
 * was among it that matters. */
bool saves_take(struct saves *saves);
