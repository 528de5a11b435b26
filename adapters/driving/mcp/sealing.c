#include "adapters/driving/mcp/sealing.h"

/* Once: every request that needs a seal would say the same. */
static void log_failure(struct mcp *mcp, const struct error *why)
{
    const struct log_port *log = mcp->options.log;
    if (mcp->seal_failure_logged || !log)
        return;
    mcp->seal_failure_logged = true;
    log->write(log->ctx, LOG_LEVEL_ERROR, STR("hexmcp"), str_from(why->text));
}

int sealing_close(struct mcp *mcp, const struct seal_binding *binding, uint64_t ttl_ms,
                  struct str payload, struct buffer *out, struct error *err)
{
    struct error why;
    int rc = sealer_close(mcp->options.sealer, binding, ttl_ms, payload, out, &why);
    if (rc == ST_OK)
        return ST_OK;
    if (rc == ST_TOO_LARGE || rc == ST_NOMEM)
        return error_set(err, rc, "%s", why.text);
    log_failure(mcp, &why);
    return error_set(err, rc, "the server cannot seal it; its log says why");
}
