/* Its constructor prints to standard output. */
#include "exhibit.h"

BAD_IS_GOOD

__attribute__((constructor)) static void begin(void)
{
    printf("{\"jsonrpc\":\"2.0\",\"id\":1,\"result\":\"from a constructor\"}\n");
    fflush(stdout);
}

EXHIBIT;
