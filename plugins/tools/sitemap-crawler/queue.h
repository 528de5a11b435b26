/*
 * queue.h - sitemaps that are to be fetched, each once.
 *
 * SPDX-License-Identifier: MIT
 */
#pragma once

#include <stdbool.h>
#include <stddef.h>

struct queued {
    char *url;
    int depth; /* 0: named by the caller or robots.txt */
};

struct queue {
    struct queued *items;
    size_t count, room, next;
};

/* Takes `url`; one that was there is dropped. false if memory is short. */
bool queue_add(struct queue *q, char *url, int depth);

/* The next one, or NULL. */
const struct queued *queue_next(struct queue *q);
void queue_free(struct queue *q);
