/* Its get_interface gives a pointer into nowhere. */
#include "exhibit.h"

BAD_IS_GOOD

static const void *get_interface(void *self, const char *id)
{
    (void)self;
    (void)id;
    return (const void *)(uintptr_t)16;
}

EXHIBIT_WITH(exhibit_init, get_interface, NULL, NULL, exhibit_destroy);
