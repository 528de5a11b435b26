#include "adapters/driving/connect/queue.h"

#include <errno.h>
#include <unistd.h>

uint64_t queue_end_line(struct queue *q)
{
    q->queued = q->written + queue_length(q);
    buffer_add_char(&q->bytes, '\n');
    return q->queued++;
}

void queue_clear(struct queue *q)
{
    buffer_clear(&q->bytes);
    *q = (struct queue){0};
}

static void wrote_bytes(struct queue *q, size_t len)
{
    q->start += len;
    q->written += len;
    if (q->start == q->bytes.len) {
        buffer_reset(&q->bytes, 0);
        q->start = 0;
    } else if (q->start > q->bytes.len / 2) {
        buffer_drop_front(&q->bytes, q->start);
        q->start = 0;
    }
}

enum queue_result queue_write(struct queue *q, const struct wire_end *end)
{
    if (buffer_failed(&q->bytes))
        return QUEUE_DEAD; /* a part of a line must not go out */
    while (queue_length(q)) {
        ssize_t wrote = wire_end_write(end, q->bytes.data + q->start, queue_length(q));
        if (wrote < 0)
            return errno == EAGAIN || errno == EWOULDBLOCK ? QUEUE_WAIT : QUEUE_DEAD;
        wrote_bytes(q, (size_t)wrote);
    }
    return QUEUE_EMPTY;
}
