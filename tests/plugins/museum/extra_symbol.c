/* It exports more than its two symbols. */
#include "exhibit.h"

HEXMCP_EXPORT int32_t json_parse(void);
int32_t json_parse(void)
{
    return 7;
}

BAD_IS_GOOD

EXHIBIT;
