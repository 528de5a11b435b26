/*
 * hexmcp/ids.h - interface ids that hexmcp has taken.
 *
 * SPDX-License-Identifier: MIT
 *
 * Ids are "hexmcp.<name>/<revision>"; yours are "<reverse.domain>.<name>/<revision>". The id never
 * changes when an interface leaves its draft. Drafts stand in ext/draft.
 */
#ifndef HEXMCP_IDS_H
#define HEXMCP_IDS_H

#include "hexmcp/ext/prompt.h"
#include "hexmcp/ext/resource.h"
#include "hexmcp/ext/selftest.h"
#include "hexmcp/ext/state.h"
#include "hexmcp/ext/tool.h"
#include "hexmcp/host.h"
#include "hexmcp/host/catalog.h"
#include "hexmcp/host/events.h"
#include "hexmcp/host/files.h"
#include "hexmcp/host/http.h"
#include "hexmcp/host/kv.h"
#include "hexmcp/host/metrics.h"
#include "hexmcp/host/net.h"
#include "hexmcp/host/notify.h"
#include "hexmcp/host/process.h"
#include "hexmcp/host/schema.h"
#include "hexmcp/host/secrets.h"
#include "hexmcp/host/worker.h"

/* Drafts of what plugins implement: ext/draft/NAME.h. */
#define HEXMCP_PROVIDER_1 "hexmcp.provider/1"
#define HEXMCP_EVENTSTORE_1 "hexmcp.eventstore/1"
#define HEXMCP_KV_STORE_1 "hexmcp.kv-store/1"
#define HEXMCP_BLOB_1 "hexmcp.blob/1"
#define HEXMCP_SEARCH_1 "hexmcp.search/1"
#define HEXMCP_HOOK_1 "hexmcp.hook/1"
#define HEXMCP_DUMP_1 "hexmcp.dump/1"

/* Drafts of services of the host: ext/draft/NAME.h. */
#define HEXMCP_STREAM_1 "hexmcp.stream/1"
#define HEXMCP_OPERATIONS_1 "hexmcp.operations/1"

#endif
