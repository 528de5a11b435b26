/*
 * Its inline tool never returns and holds the loop.
 *
 * plugin.json: {"tools": [{"name": "good", "inputSchema": {"type": "object", "additionalProperties": false}}, {"name": "bad", "inputSchema": {"type": "object", "additionalProperties": false}, "run": {"mode": "inline", "timeoutMs": 1500}}]}
 */
#include "exhibit.h"

static int32_t bad(hexmcp_call call, hexmcp_str args, hexmcp_error *err)
{
    (void)args;
    (void)err;
    volatile int on = 1;
    while (on)
        ;
    return good(call);
}

EXHIBIT;
