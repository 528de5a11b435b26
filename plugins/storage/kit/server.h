/*
 * server.h - a store behind a server: jobs go to threads of their own, each with its connection.
 *
 * SPDX-License-Identifier: MIT
 */
#pragma once

#include "kit/front.h"
#include "kit/lane.h"

/* What a thread does. Changes, and all of keys and values, are made one after the other by the first, so
 * that calls on one key are seen in their order. Reads, bytes and dumps do not wait for each other. */
enum server_lane { LANE_CHANGES, LANE_READS, LANE_BYTES, LANE_DUMPS, SERVER_LANES };

struct server;

/* The one who runs jobs: `arg[lane]` is given to both functions. */
struct server_work {
    void *arg[SERVER_LANES];
    void (*run)(void *arg, struct job *jobs);
    void (*end)(void *arg);
};

/* [loop] Sets up `front`, but for its host; NULL if there is no memory. */
struct server *server_new(struct front *front, struct server_work work);

/* [loop] What waits is done; puts and restores that are not at their end are given up. */
void server_stop(struct server *server);
void server_free(struct server *server);
