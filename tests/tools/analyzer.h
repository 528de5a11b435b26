/*
 * Included before each file that clang-tidy reads. The analyzer sees one file at a time, so it does
 * not know that these functions return the code that they are given, and would follow a failure as
 * if it were a success.
 */
#pragma once

#include "core/base/error.h"
#include "hexmcp/simple.h"

#define error_set(err, code, ...) (error_set(err, code, __VA_ARGS__), (code))
#define hexmcp_fail(err, code, ...) (hexmcp_fail(err, code, __VA_ARGS__), (code))
