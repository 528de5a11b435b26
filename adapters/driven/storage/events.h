/* Inside of storage: the functions of the port event_store, in append.c and events.c. */
#pragma once

#include "adapters/driven/storage/inside.h"

#define EVENTS_SPACE STR("events")

void events_append(void *ctx, const struct event_batch *batch,
                   void (*done)(void *arg, const struct error *err, const struct append_result *r),
                   void *arg);
void events_project(void *ctx, const struct projection_write *write,
                    void (*done)(void *arg, const struct error *err, bool conflict,
                                 uint64_t position),
                    void *arg);
