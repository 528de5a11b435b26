/* Runs a check in a process of its own and writes on the board how that process ended. */
#pragma once

#include "adapters/driving/validator/validator.h"

/* Limits of every child, whatever the plugin asks for. */
#define CHILD_MEMORY_MIB 2048u
#define CHILD_DESCRIPTORS 256u

/* Runs t->check. What the child printed, and its end by a signal, an exit or the time limit, are
 * findings. ST_OK, or negative if no child could be made. */
int child_run(struct trial *t, struct error *err);

/* The environment of a child holds one secret, made from the seed. */
#define CANARY_NAME "HEXMCP_VALIDATOR_SECRET"
#define CANARY_FORMAT "canary-%016llx"
