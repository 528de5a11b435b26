/* The tool `touch`: changes what the resource everything://counter holds, and says so to the clients
 * that subscribed to it. */
#include "everything.h"

int32_t tool_touch(const hexmcp_round *r)
{
    const hexmcp_notify_1 *notify = self_of(r)->notify;
    int count = atomic_fetch_add(&self_of(r)->counter, 1) + 1;
    if (notify)
        notify->resource_updated(notify->ctx, hexmcp_str_from("everything://counter"));
    return hexmcp_round_textf(r, "the counter is %d", count);
}
