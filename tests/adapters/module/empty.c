/* A module of this build that has nothing in it. */
#include "adapters/driven/module/export.h"

MODULE_DEFINE_BUILD_ID();
