#include "core/hook/breaker.h"

#include <string.h>

static void close_it(struct breaker *b)
{
    *b = (struct breaker){.state = BREAKER_CLOSED};
}

static void open_it(struct breaker *b, uint64_t now_ns)
{
    *b = (struct breaker){.state = BREAKER_OPEN, .opened_ns = now_ns};
}

bool breaker_allows(struct breaker *b, uint64_t now_ns)
{
    if (b->state == BREAKER_OPEN && now_ns - b->opened_ns >= BREAKER_OPEN_NS)
        b->state = BREAKER_HALF_OPEN;
    return b->state != BREAKER_OPEN;
}

/* Remembers `now_ns` in the ring; true if all of it lies within the window. */
static bool fills(uint64_t *ring, uint32_t size, uint32_t *at, uint64_t now_ns)
{
    ring[*at] = now_ns ? now_ns : 1;
    *at = (*at + 1) % size;
    for (uint32_t i = 0; i < size; i++)
        if (!ring[i] || now_ns - ring[i] > BREAKER_WINDOW_NS)
            return false;
    return true;
}

static bool trips(struct breaker *b, enum breaker_report report, uint64_t now_ns)
{
    if (report == BREAKER_FAILURE)
        return b->state == BREAKER_HALF_OPEN ||
               fills(b->failures, BREAKER_FAILURES, &b->failure_at, now_ns);
    return fills(b->slows, BREAKER_SLOW, &b->slow_at, now_ns);
}

bool breaker_report(struct breaker *b, enum breaker_report report, uint64_t now_ns)
{
    if (b->state == BREAKER_OPEN)
        return false; /* of a run that began before */
    if (report == BREAKER_SUCCESS) {
        if (b->state == BREAKER_HALF_OPEN && ++b->successes == BREAKER_SUCCESSES)
            close_it(b);
        return false;
    }
    if (!trips(b, report, now_ns))
        return false;
    open_it(b, now_ns);
    return true;
}

const char *breaker_state_name(enum breaker_state state)
{
    static const char *const names[] = {"closed", "open", "half-open"};
    return names[state];
}
