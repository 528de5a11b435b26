/* Frozen with ABI 1.0, never to be changed: publishes a tool that is not in its manifest. */
#include <stdlib.h>
#include <string.h>

#include "hexmcp/host/catalog.h"
#include "hexmcp/json.h"
#include "hexmcp/plugin.h"
#include "hexmcp/simple.h"

#define LATER "{\"name\":\"frozen_later\",\"inputSchema\":{\"type\":\"object\"}}"

struct waiting {
    const hexmcp_host *host;
    hexmcp_call call;
};

static void replied(void *arg, int32_t status, hexmcp_str json)
{
    struct waiting *w = arg;
    (void)json;
    if (status == HEXMCP_OK)
        hexmcp_complete_text(w->host, w->call, HEXMCP_RESULT, hexmcp_str_from("published"));
    else
        hexmcp_complete_fail(w->host, w->call, status, "not published");
    free(w);
}

static int32_t run(const hexmcp_host *host, hexmcp_call call, hexmcp_str tool, hexmcp_str args,
                   hexmcp_error *err)
{
    const hexmcp_catalog_1 *c = host->get_interface(host->ctx, HEXMCP_CATALOG_1);
    struct waiting *w;
    int32_t status;
    (void)args;
    if (tool.len == 12 && memcmp(tool.ptr, "frozen_later", 12) == 0)
        return hexmcp_complete_text(host, call, HEXMCP_RESULT, hexmcp_str_from("I am late"));
    w = calloc(1, sizeof(*w));
    if (!w || !c) {
        free(w);
        return hexmcp_fail(err, HEXMCP_E_UNSUPPORTED, "no catalogue");
    }
    w->host = host;
    w->call = call;
    status = c->publish(c->ctx, HEXMCP_KIND_TOOL, hexmcp_str_from(LATER), hexmcp_str_from(""),
                        replied, w);
    if (status == HEXMCP_OK)
        return HEXMCP_PENDING;
    free(w);
    return hexmcp_fail(err, status, "the catalogue took nothing");
}

HEXMCP_SIMPLE_DEFINE("hexmcp.frozen.dynamic", "1.0.0", run);
