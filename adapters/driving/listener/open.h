/* Inside of the listener: a socket that listens becomes a door. */
#pragma once

#include "adapters/driving/listener/inside.h"

struct door_spec {
    int fd; /* taken, closed if it cannot become a door */
    const char *text;
    bool local;
    bool loopback;
    uint16_t port;
    uint64_t device, inode;
};

int door_add(struct listener *listener, const struct door_spec *spec, struct error *err);
