#include "adapters/driving/lines/queue.h"

/* Memory that an empty queue keeps. */
#define KEEP_BYTES ((size_t)256 * 1024)

void line_queue_clear(struct line_queue *q)
{
    buffer_clear(&q->bytes);
    q->start = 0;
}

bool line_queue_add(struct line_queue *q, struct str message)
{
    if (!buffer_reserve(&q->bytes, message.len + 1))
        return false;
    buffer_add_str(&q->bytes, message);
    buffer_add_char(&q->bytes, '\n');
    return true;
}

struct str line_queue_front(const struct line_queue *q)
{
    return buffer_part(&q->bytes, q->start, line_queue_len(q));
}

/* Room before the front is used again as soon as it is the larger part. */
void line_queue_wrote(struct line_queue *q, size_t len)
{
    q->start += len;
    if (q->start == q->bytes.len) {
        buffer_reset(&q->bytes, KEEP_BYTES);
        q->start = 0;
    } else if (q->start > q->bytes.len / 2) {
        buffer_drop_front(&q->bytes, q->start);
        q->start = 0;
    }
}
