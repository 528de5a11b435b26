/* Its result is larger than the host takes. */
#include "exhibit.h"

static int32_t bad(hexmcp_call call, hexmcp_str args, hexmcp_error *err)
{
    (void)args;
    (void)err;
    size_t size = ((size_t)64 << 20) + 1;
    char *bytes = malloc(size);
    memset(bytes, ' ', size);
    hexmcp_str json = {bytes, size};
    the_host->complete(the_host->ctx, call, HEXMCP_RESULT, json);
    free(bytes);
    return HEXMCP_OK;
}

EXHIBIT;
