#include "adapters/driving/mcp/http/replay.h"

#include <stdlib.h>

struct event *events_add(struct events *events, const struct event *what, struct str text)
{
    struct event *event = malloc(sizeof(*event) + text.len);
    if (!event)
        return NULL;
    *event = (struct event){.number = what->number,
                            .said_ms = what->said_ms,
                            .stream = what->stream,
                            .len = text.len};
    memcpy(event->text, text.ptr, text.len);
    if (events->last)
        events->last->next = event;
    else
        events->first = event;
    events->last = event;
    events->bytes += EVENT_BYTES + text.len;
    return event;
}

struct event *events_take(struct events *events)
{
    struct event *event = events->first;
    if (!event)
        return NULL;
    events->first = event->next;
    if (!events->first)
        events->last = NULL;
    events->bytes -= EVENT_BYTES + event->len;
    event->next = NULL;
    return event;
}

bool events_have(const struct events *events, struct str text)
{
    const struct event *at = events->first;
    while (at && !str_eq((struct str){at->text, at->len}, text))
        at = at->next;
    return at != NULL;
}

void events_drop(struct events *events, uint32_t stream)
{
    struct event **at = &events->first;
    events->last = NULL;
    while (*at) {
        struct event *event = *at;
        if (event->stream != stream) {
            events->last = event;
            at = &event->next;
            continue;
        }
        *at = event->next;
        events->bytes -= EVENT_BYTES + event->len;
        free(event);
    }
}

void events_clear(struct events *events)
{
    struct event *event;
    while ((event = events_take(events)))
        free(event);
}
