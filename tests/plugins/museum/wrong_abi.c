/* It was made for a plugin ABI that no host serves. */
#include "hexmcp/abi.h"
#undef HEXMCP_ABI_MAJOR
#define HEXMCP_ABI_MAJOR 9u
#include "exhibit.h"

BAD_IS_GOOD

EXHIBIT;
