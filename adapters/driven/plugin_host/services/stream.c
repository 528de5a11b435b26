#include "adapters/driven/plugin_host/services/stream.h"

static void arrived(void *arg, const struct service_event *event)
{
    struct service_stream *s = arg;
    if (event->last) {
        pthread_mutex_lock(&s->lock);
        s->id = 0;
        pthread_mutex_unlock(&s->lock);
    }
    if (s->event)
        s->event(s->arg, event);
}

/* With the lock held, so that two threads do not open it. */
static int32_t open_once(struct service_stream *s, struct service_link *link, uint32_t op)
{
    const struct request q = {.op = op, .event = arrived, .arg = s};
    return s->id ? HEXMCP_OK : request_open(link, &q, &s->id);
}

int32_t stream_say(struct service_stream *s, struct service_link *link, uint32_t op, uint32_t kind,
                   hexmcp_str text, hexmcp_str bytes)
{
    pthread_mutex_lock(&s->lock);
    int32_t rc = open_once(s, link, op);
    uint64_t id = s->id;
    pthread_mutex_unlock(&s->lock);
    if (!rc)
        rc = request_tell(link, id, kind, text, bytes);
    return rc == HEXMCP_E_NOT_FOUND ? HEXMCP_E_UNAVAILABLE : rc;
}
