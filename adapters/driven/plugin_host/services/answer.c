#include "adapters/driven/plugin_host/services/answer.h"

#include <stdlib.h>

struct answer {
    hexmcp_reply_fn reply;
    void *arg;
};

static void answered(void *arg, const struct service_event *event)
{
    struct answer *a = arg;
    struct str said = event->text.len ? event->text : event->bytes;
    if (!event->last)
        return;
    a->reply(a->arg, event->status, (hexmcp_str){said.ptr, said.len});
    free(a);
}

int32_t answer_request(struct service_link *link, uint32_t op, hexmcp_str text, hexmcp_str bytes,
                       hexmcp_reply_fn reply, void *arg)
{
    struct answer *a = malloc(sizeof(*a));
    if (!reply || !a) {
        free(a);
        return reply ? HEXMCP_E_NOMEM : HEXMCP_E_INVALID;
    }
    *a = (struct answer){reply, arg};
    const struct request q = {.op = op, .text = text, .bytes = bytes, .event = answered, .arg = a};
    int32_t rc = request_open(link, &q, NULL);
    if (rc)
        free(a);
    return rc;
}
