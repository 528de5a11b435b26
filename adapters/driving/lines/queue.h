/*
 * Lines that wait for the client to read. A queue is never full: above the soft limit notifications
 * are not to be added, above the hard one no input is to be read until it is below the soft one.
 */
#pragma once

#include "core/base/buffer.h"

#define LINE_QUEUE_SOFT ((size_t)1024 * 1024)
#define LINE_QUEUE_HARD ((size_t)4 * 1024 * 1024)

struct line_queue {
    struct buffer bytes;
    size_t start; /* bytes at the front that are written */
};

void line_queue_clear(struct line_queue *q);

/* Adds the message and its line end. False without memory: then nothing is added. */
bool line_queue_add(struct line_queue *q, struct str message);

/* What is to be written next. */
struct str line_queue_front(const struct line_queue *q);

/* So many bytes of it have been written. */
void line_queue_wrote(struct line_queue *q, size_t len);

static inline size_t line_queue_len(const struct line_queue *q)
{
    return q->bytes.len - q->start;
}
