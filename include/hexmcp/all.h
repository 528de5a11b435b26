/*
 * hexmcp/all.h - plugin.h and the draft interfaces.
 *
 * SPDX-License-Identifier: MIT
 *
 * A draft may change or go with any version of hexmcp, and no host of this version calls one; its id
 * stays when it is promoted. docs/plugins/stability.md says more.
 */
#ifndef HEXMCP_ALL_H
#define HEXMCP_ALL_H

#include "hexmcp/ext/draft/blob.h"
#include "hexmcp/ext/draft/dump.h"
#include "hexmcp/ext/draft/eventstore.h"
#include "hexmcp/ext/draft/hook.h"
#include "hexmcp/ext/draft/kv.h"
#include "hexmcp/ext/draft/operations.h"
#include "hexmcp/ext/draft/provider.h"
#include "hexmcp/ext/draft/search.h"
#include "hexmcp/ext/draft/stream.h"
#include "hexmcp/plugin.h"

#endif
