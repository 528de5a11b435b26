/* Inside of hexmcp.test.items. */
#ifndef ITEMS_H
#define ITEMS_H

#include "hexmcp/host/catalog.h"
#include "hexmcp/host/notify.h"
#include "hexmcp/json.h"
#include "hexmcp/plugin.h"

struct services {
    const hexmcp_host *host;
    const hexmcp_catalog_1 *catalog; /* NULL if the host has none */
    const hexmcp_notify_1 *notify;
};
extern struct services services;

/* The tools that ask the host for something; HEXMCP_E_NOT_FOUND for others. */
int32_t run_service_tool(hexmcp_call call, hexmcp_str name, hexmcp_str args, hexmcp_error *err);

/* Publishes a tool, with a reply that is logged. */
int32_t publish_early(void);

#endif
