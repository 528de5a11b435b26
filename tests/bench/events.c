/* How many events a second one subscriber is told, and ten. Prints one line each. */
#include <stdio.h>
#include <time.h>

#include "core/base/str.h"
#include "core/events/bus.h"

#define EVENTS 5000000u
#define BATCH 512u

static uint64_t heard_bytes;

static void wake(void *ctx)
{
    (void)ctx;
}

static void heard(void *ctx, struct str topic, struct str json)
{
    (void)ctx;
    heard_bytes += topic.len + json.len;
}

static double seconds(void)
{
    struct timespec now;
    clock_gettime(CLOCK_MONOTONIC, &now);
    return (double)now.tv_sec + (double)now.tv_nsec / 1e9;
}

static int measure(unsigned subscribers)
{
    struct bus *bus = bus_new(wake, NULL);
    const struct event_bus *port = bus_port(bus);
    const struct event_subscription what = {.pattern = STR("plugin.org.example.*.changed"),
                                            .policy = EVENT_DROP_OLDEST,
                                            .queue = 1024,
                                            .event = heard};
    uint64_t id;
    for (unsigned i = 0; i < subscribers; i++)
        if (port->subscribe(port->ctx, &what, &id, NULL))
            return 1;
    double begin = seconds();
    for (unsigned i = 0; i < EVENTS; i++) {
        if (port->publish(port->ctx, STR("plugin.org.example.files.changed"),
                          STR("{\"path\":\"/a/b/c\",\"size\":12345}"), NULL))
            return 1;
        if (i % BATCH == BATCH - 1)
            bus_deliver(bus, BATCH * subscribers);
    }
    bus_deliver(bus, BATCH * subscribers);
    printf("%u subscribers: %.0f events/s published, %.0f told\n", subscribers,
           EVENTS / (seconds() - begin), EVENTS * (double)subscribers / (seconds() - begin));
    bus_free(bus);
    return heard_bytes == 0;
}

int main(void)
{
    return measure(1) || measure(10);
}
