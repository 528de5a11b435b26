/*
 * store.h - a memory store: jobs in, answers out. All [loop].
 *
 * SPDX-License-Identifier: MIT
 */
#pragma once

#include "world.h"

struct store;

/* NULL if there is no memory. `host` is borrowed. */
struct store *store_new(const struct job_host *host, uint64_t max_bytes);

/* Ends what is open, each call once. */
void store_stop(struct store *store);
void store_free(struct store *store);

/* As front.h has it. */
int32_t store_submit(void *store, struct job *job, hexmcp_error *err);
void store_cancel(void *store, hexmcp_call call);
