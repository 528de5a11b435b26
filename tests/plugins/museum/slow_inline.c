/*
 * Its inline tool computes for a long time and holds the loop.
 *
 * plugin.json: {"tools": [{"name": "good", "description": "Good.", "inputSchema": {"type": "object",
 * "additionalProperties": false}}, {"name": "bad", "description": "Bad.", "inputSchema": {"type":
 * "object", "additionalProperties": false}, "run": {"mode": "inline", "timeoutMs": 15000}}]}
 */
#include <time.h>

#include "exhibit.h"

static int32_t bad(hexmcp_call call, hexmcp_str args, hexmcp_error *err)
{
    struct timespec now, end;
    (void)args;
    (void)err;
    clock_gettime(CLOCK_THREAD_CPUTIME_ID, &end);
    end.tv_nsec += 50000000;
    end.tv_sec += end.tv_nsec / 1000000000;
    end.tv_nsec %= 1000000000;
    do
        clock_gettime(CLOCK_THREAD_CPUTIME_ID, &now);
    while (now.tv_sec < end.tv_sec || (now.tv_sec == end.tv_sec && now.tv_nsec < end.tv_nsec));
    return good(call);
}

EXHIBIT;
