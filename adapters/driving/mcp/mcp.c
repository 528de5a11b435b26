#include "adapters/driving/mcp/mcp.h"

#include <stdlib.h>

#include "adapters/driving/mcp/connection.h"

static void write_server_info(struct mcp *mcp)
{
    struct json_writer w = json_writer(&mcp->server_info);
    json_begin_object(&w);
    json_put_string(&w, STR("name"), mcp->options.server_name);
    json_put_string(&w, STR("version"), mcp->options.server_version);
    json_end_object(&w);
}

int mcp_new(const struct mcp_options *options, struct mcp **out, struct error *err)
{
    struct mcp *mcp = calloc(1, sizeof(*mcp));
    if (mcp) {
        mcp->options = *options;
        mcp->factory = (struct endpoint_factory){.ctx = mcp, .open = connection_open};
        write_server_info(mcp);
    }
    if (!mcp || buffer_failed(&mcp->server_info)) {
        mcp_free(mcp);
        return error_set(err, ST_NOMEM, "out of memory");
    }
    *out = mcp;
    return ST_OK;
}

void mcp_free(struct mcp *mcp)
{
    if (!mcp)
        return;
    for (size_t i = 0; i < ITEM_KINDS; i++)
        list_cache_clear(&mcp->list_caches[i]);
    buffer_clear(&mcp->server_info);
    buffer_clear(&mcp->out);
    free(mcp);
}

const struct endpoint_factory *mcp_endpoints(struct mcp *mcp)
{
    return &mcp->factory;
}
