/* Its constructor writes through a null pointer. */
#include "exhibit.h"

BAD_IS_GOOD

__attribute__((constructor)) static void begin(void)
{
    *(volatile int *)NULL = 1;
}

EXHIBIT;
