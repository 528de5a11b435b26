/* It recurses without end. */
#include "exhibit.h"

static int deep(int level)
{
    volatile char room[4096];
    room[0] = (char)level;
    return level < 0 ? room[0] : deep(level + 1) + room[0];
}

static int32_t bad(hexmcp_call call, hexmcp_str args, hexmcp_error *err)
{
    (void)args;
    (void)err;
    return deep(0) ? good(call) : HEXMCP_E_GENERIC;
}

EXHIBIT;
