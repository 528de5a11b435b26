/* What the user who runs hexmcp could do beyond an ordinary one. */
#pragma once

#include "core/base/error.h"

/* No program that is started later gains anything, and nobody of this user may trace this process or
 * read its /proc entries. */
int privileges_freeze(struct error *err);

/* Gives up all capabilities: root is then a user like others. */
int privileges_drop(struct error *err);
