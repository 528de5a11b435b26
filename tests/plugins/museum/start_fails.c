/* Its start function fails. */
#include "exhibit.h"

BAD_IS_GOOD

static int32_t start(void *self, hexmcp_error *err)
{
    (void)self;
    return fail(err, HEXMCP_E_UNAVAILABLE, "the weather is bad");
}

EXHIBIT_WITH(exhibit_init, exhibit_interface, start, NULL, exhibit_destroy);
