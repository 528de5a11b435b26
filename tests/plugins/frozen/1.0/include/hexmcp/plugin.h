/*
 * hexmcp/plugin.h - the one header that a plugin includes.
 *
 * SPDX-License-Identifier: MIT
 */
#ifndef HEXMCP_PLUGIN_H
#define HEXMCP_PLUGIN_H

#include "hexmcp/abi.h"
#include "hexmcp/entry.h"
#include "hexmcp/ext/prompt.h"
#include "hexmcp/ext/resource.h"
#include "hexmcp/ext/selftest.h"
#include "hexmcp/ext/state.h"
#include "hexmcp/ext/tool.h"
#include "hexmcp/host.h"
#include "hexmcp/ids.h"

#endif
