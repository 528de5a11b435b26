/* When progress of one token is sent: it only rises, and does not come too often. */
#pragma once

#include "ports/driven/clock.h"

struct progress {
    double highest;   /* that was sent */
    uint64_t sent_ns; /* when; 0: never */
    bool complete;    /* and it had reached its total */
};

struct progress progress_begin(void);

/* True if the report is to be sent, and notes it. `total` 0: unknown. */
bool progress_is_due(struct progress *progress, const struct clock_port *clock, double value,
                     double total);
