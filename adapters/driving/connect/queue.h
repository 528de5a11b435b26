/* Inside of connect: bytes on their way to a descriptor. */
#pragma once

#include "adapters/driving/stdio/stdio.h"
#include "core/base/buffer.h"

struct queue {
    struct buffer bytes;
    size_t start;     /* the first byte that is not written                                      */
    uint64_t queued;  /* ever                                                                    */
    uint64_t written; /* ever                                                                    */
};

static inline size_t queue_length(const struct queue *q)
{
    return q->bytes.len - q->start;
}

/* Where a line is put together: append to it, then call queue_end_line. */
static inline struct buffer *queue_line(struct queue *q)
{
    return &q->bytes;
}

/* Ends the line; all that was appended since counts. Returns `queued` before the line end. */
uint64_t queue_end_line(struct queue *q);

void queue_clear(struct queue *q);

enum queue_result {
    QUEUE_EMPTY, /* all is written                                                               */
    QUEUE_WAIT,  /* the descriptor takes no more now                                             */
    QUEUE_DEAD,  /* it takes nothing any more                                                    */
};
enum queue_result queue_write(struct queue *q, const struct wire_end *end);
