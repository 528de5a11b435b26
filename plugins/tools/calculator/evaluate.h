/* Evaluates a checked expression with muParser. */
#pragma once

#include "expression.h"

/* Writes *ret_value, which may be infinite or NaN. Errors: HEXMCP_E_TOO_LARGE for an exponent above
 * MAX_EXPONENT; HEXMCP_E_GENERIC if muParser refuses what expression_check let pass. */
int32_t evaluate(const struct expression *expression, const struct variables *variables,
                 double *ret_value, hexmcp_error *err);
