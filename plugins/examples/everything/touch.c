/* The tool `touch`: changes what the resource everything://counter holds, and says so to the clients
 * that subscribed to it. */
#include "everything.h"

int32_t tool_touch(const struct round *r)
{
    const hexmcp_notify_1 *notify = r->self->notify;
    char text[48];
    snprintf(text, sizeof(text), "the counter is %d", atomic_fetch_add(&r->self->counter, 1) + 1);
    if (notify)
        notify->resource_updated(notify->ctx, hexmcp_str_from("everything://counter"));
    return answer_text(r, text);
}
