/* Its constructor ends the process. */
#include "exhibit.h"

BAD_IS_GOOD

__attribute__((constructor)) static void begin(void)
{
    exit(0);
}

EXHIBIT;
