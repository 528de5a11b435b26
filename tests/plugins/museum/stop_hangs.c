/* Its stop function does not return. */
#include "exhibit.h"

BAD_IS_GOOD

static void stop(void *self)
{
    (void)self;
    for (;;)
        pause();
}

EXHIBIT_WITH(exhibit_init, exhibit_interface, NULL, stop, exhibit_destroy);
