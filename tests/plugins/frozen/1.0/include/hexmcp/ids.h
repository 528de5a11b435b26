/*
 * hexmcp/ids.h - interface ids that hexmcp has taken.
 *
 * SPDX-License-Identifier: MIT
 *
 * Ids are "hexmcp.<name>/<revision>"; yours are "<reverse.domain>.<name>/<revision>". The id never
 * changes when an interface leaves its draft. Drafts stand in ext/draft; the ids in the last group are
 * reserved: no host of this version answers to them and their tables are not yet described.
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
#include "hexmcp/host/files.h"
#include "hexmcp/host/notify.h"
#include "hexmcp/host/schema.h"
#include "hexmcp/host/secrets.h"

/* Drafts of what plugins implement: ext/draft/NAME.h. */
#define HEXMCP_PROVIDER_1 "hexmcp.provider/1"
#define HEXMCP_EVENTSTORE_1 "hexmcp.eventstore/1"
#define HEXMCP_KV_STORE_1 "hexmcp.kv-store/1"
#define HEXMCP_BLOB_1 "hexmcp.blob/1"
#define HEXMCP_SEARCH_1 "hexmcp.search/1"
#define HEXMCP_HOOK_1 "hexmcp.hook/1"

/* The draft of a service of the host: ext/draft/stream.h. */
#define HEXMCP_STREAM_1 "hexmcp.stream/1"

/* Reserved: further services of the host. */
#define HEXMCP_HTTP_1 "hexmcp.http/1"
#define HEXMCP_NET_1 "hexmcp.net/1"
#define HEXMCP_PROCESS_1 "hexmcp.process/1"
#define HEXMCP_KV_1 "hexmcp.kv/1"
#define HEXMCP_WORKER_1 "hexmcp.worker/1"
#define HEXMCP_EVENTS_1 "hexmcp.events/1"
#define HEXMCP_METRICS_1 "hexmcp.metrics/1"

#endif
