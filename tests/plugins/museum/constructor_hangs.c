/* Its constructor does not return. */
#include "exhibit.h"

BAD_IS_GOOD

__attribute__((constructor)) static void begin(void)
{
    for (;;)
        pause();
}

EXHIBIT;
