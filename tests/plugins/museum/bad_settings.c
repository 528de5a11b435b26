/* It crashes on settings that it does not know. */
#include "exhibit.h"

BAD_IS_GOOD

static int32_t init(void *self, hexmcp_str config, hexmcp_error *err)
{
    (void)self;
    (void)err;
    if (config.len != 2)
        abort();
    return HEXMCP_OK;
}

EXHIBIT_WITH(init, exhibit_interface, NULL, NULL, exhibit_destroy);
