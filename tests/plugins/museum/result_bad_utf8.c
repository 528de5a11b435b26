/* Its result is no UTF-8. */
#include "exhibit.h"

static int32_t bad(hexmcp_call call, hexmcp_str args, hexmcp_error *err)
{
    (void)args;
    (void)err;
    finish(call, HEXMCP_RESULT, "{\"content\":[{\"type\":\"text\",\"text\":\"\xff\xfe\"}]}");
    return HEXMCP_OK;
}

EXHIBIT;
