/* Its binary has another version than its manifest. */
#define EXHIBIT_VERSION "2.0.0"
#include "exhibit.h"

BAD_IS_GOOD

EXHIBIT;
