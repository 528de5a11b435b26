#include "adapters/driving/mcp/progress.h"

#include <math.h>

/* Progress comes at most this often; the step that reaches the total comes always, once. */
#define GAP_NS 10000000u

struct progress progress_begin(void)
{
    return (struct progress){.highest = -INFINITY};
}

bool progress_is_due(struct progress *progress, const struct clock_port *clock, double value,
                     double total)
{
    uint64_t now = clock->monotonic_ns(clock->ctx);
    bool complete = total > 0 && value >= total, last = complete && !progress->complete;
    /* A tool that goes on after the client's answers begins anew; its token does not. */
    if (!(value > progress->highest) ||
        (progress->sent_ns && now - progress->sent_ns < GAP_NS && !last))
        return false;
    *progress = (struct progress){.highest = value, .sent_ns = now, .complete = complete};
    return true;
}
