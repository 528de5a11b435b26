/* It calls a function that no library defines. */
#include "exhibit.h"

int32_t museum_is_nowhere(void);

static int32_t bad(hexmcp_call call, hexmcp_str args, hexmcp_error *err)
{
    (void)args;
    (void)err;
    return museum_is_nowhere() ? good(call) : HEXMCP_E_GENERIC;
}

EXHIBIT;
