/* Its binary names another plugin than its manifest. */
#undef EXHIBIT_ID
#define EXHIBIT_ID "museum.somebody-else"
#include "exhibit.h"

BAD_IS_GOOD

EXHIBIT;
