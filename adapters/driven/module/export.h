/* For the source of a module: what every module exports. Use it once, at file scope. */
#pragma once

#include "module_build_id.h"

#define MODULE_EXPORT __attribute__((visibility("default")))

#define MODULE_DEFINE_BUILD_ID()                                                                   \
    extern const char hexmcp_module_build_id[];                                                    \
    MODULE_EXPORT const char hexmcp_module_build_id[] = HEXMCP_MODULE_BUILD_ID
