/* While calls run: does the helper still answer, and how much processor time does a call take? */
#include <time.h>

#include "adapters/driven/plugin_host/isolated/remote.h"

#define BEAT_MS 1000u

uint64_t remote_cpu(const struct remote *r)
{
    clockid_t clock;
    struct timespec t;
    if (!r->pid || clock_getcpuclockid(r->pid, &clock) || clock_gettime(clock, &t))
        return 0;
    return (uint64_t)t.tv_sec * 1000000000u + (uint64_t)t.tv_nsec;
}

static void check_answer(struct remote *r)
{
    const struct plugin_isolation *s = settings_of(r->owner);
    uint64_t now = isolated_now(r->owner);
    uint64_t silent = now - (r->heard_ns > r->pinged_ns ? r->heard_ns : r->pinged_ns);
    if (r->pinging && r->heard_ns >= r->pinged_ns)
        r->pinging = false;
    if (!r->pinging && silent >= (uint64_t)s->ping_ms * 1000000u) {
        r->pinging = true;
        r->pinged_ns = now;
        wire_body(r->wire);
        remote_send(r, WIRE_PING, ++r->pings, -1);
    } else if (r->pinging && silent >= (uint64_t)s->pong_ms * 1000000u) {
        remote_end_for(r, false, "did not answer for %u ms and was ended", s->pong_ms);
    }
}

static void check_time(struct remote *r)
{
    struct plugin *p = r->owner->plugin;
    uint32_t limit_s = p->grants->cpu_seconds;
    if (!limit_s)
        return;
    uint64_t now = remote_cpu(r);
    for (size_t i = 0; i < LIVE_BUCKETS; i++)
        for (const struct live_call *c = r->live[i]; c; c = c->next)
            if (now - c->cpu_began >= (uint64_t)limit_s * 1000000000u) {
                r->asked_too_much = true;
                remote_end_for(r, true,
                               "used more than %u s of processor time for a call, which is what "
                               "\"cpuSeconds\" grants, and was ended",
                               limit_s);
                return;
            }
}

void remote_beat(struct remote *r)
{
    uint32_t ping_ms = settings_of(r->owner)->ping_ms;
    if ((!r->live_count && !r->owner->saved) || !r->wire || r->fault[0])
        return;
    check_answer(r);
    check_time(r);
    if (!r->fault[0])
        remote_arm(r, TIMER_BEAT, ping_ms < BEAT_MS ? ping_ms : BEAT_MS);
}
