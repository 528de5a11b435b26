/* What a plugin may do by itself, without asking the host, as the isolated mode has it. */
#pragma once

#include "adapters/driving/validator/validator.h"

/* `what` and `object` as watch_fn has them. If not, *asks is what to do. Safe in the handler of a
 * signal. */
bool allowed_object(const struct trial *t, const char *what, const char *object, const char **asks);
