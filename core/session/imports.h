/* Inside of session: the imports that callers have begun. */
#pragma once

#include "core/session/transfer.h"

void imports_free(struct sessions *sessions);
