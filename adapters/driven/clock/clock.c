#include "adapters/driven/clock/clock.h"

#include <time.h>

static uint64_t monotonic_ns(void *ctx)
{
    struct timespec now;
    (void)ctx;
    clock_gettime(CLOCK_MONOTONIC, &now);
    return (uint64_t)now.tv_sec * 1000000000u + (uint64_t)now.tv_nsec;
}

static int64_t wall_ms(void *ctx)
{
    struct timespec now;
    (void)ctx;
    clock_gettime(CLOCK_REALTIME, &now);
    return (int64_t)now.tv_sec * 1000 + now.tv_nsec / 1000000;
}

static const struct clock_port port = {.monotonic_ns = monotonic_ns, .wall_ms = wall_ms};

const struct clock_port *system_clock_port(void)
{
    return &port;
}
