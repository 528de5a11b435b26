/*
 * SPDX-License-Identifier: MIT
 */
#include "queue.h"

#include <stdlib.h>
#include <string.h>

#include "web-kit/list.h"

bool queue_add(struct queue *q, char *url, int depth)
{
    for (size_t i = 0; i < q->count; i++)
        if (strcmp(q->items[i].url, url) == 0) {
            free(url);
            return true;
        }
    if (!LIST_ROOM(q->items, q->count, q->room)) {
        free(url);
        return false;
    }
    q->items[q->count++] = (struct queued){url, depth};
    return true;
}

const struct queued *queue_next(struct queue *q)
{
    return q->next < q->count ? &q->items[q->next++] : NULL;
}

void queue_free(struct queue *q)
{
    for (size_t i = 0; i < q->count; i++)
        free(q->items[i].url);
    free(q->items);
}
