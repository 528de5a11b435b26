/* What a plugin in a helper publishes goes the way of one in this process; the reply goes back. */
#include <stdlib.h>

#include "adapters/driven/plugin_host/isolated/remote.h"
#include "adapters/driven/plugin_host/offer.h"

struct offer_return {
    struct isolated *owner;
    uint64_t remote;
    uint64_t id;
};

static void reply(struct remote *r, uint64_t id, int32_t status, struct str text)
{
    struct buffer *body = wire_body(r->wire);
    wire_put_i32(body, status);
    wire_put_text(body, text);
    remote_send(r, WIRE_OFFER_REPLY, id, -1);
}

static void replied(void *arg, int32_t status, hexmcp_str json)
{
    struct offer_return *back = arg;
    struct remote *r = remote_numbered(back->owner, back->remote);
    if (r && r->wire)
        reply(r, back->id, status, (struct str){json.ptr, json.len});
    free(back);
}

static int32_t take(struct plugin *p, uint32_t kind, uint32_t of, hexmcp_str text,
                    hexmcp_str options, struct offer_return *back)
{
    switch (kind) {
    case OFFER_PUBLISH:
        return offer_publish(p, of, text, options, replied, back);
    case OFFER_WITHDRAW:
        return offer_withdraw(p, of, text, replied, back);
    case OFFER_UPDATED:
        return offer_resource_updated(p, text);
    default:
        return offer_elicitation_complete(p, text);
    }
}

int remote_offer(struct remote *r, const struct wire_message *m, struct error *err)
{
    struct plugin *p = r->owner->plugin;
    struct wire_fields f = wire_fields(m->body);
    uint32_t kind = wire_u32(&f), of = wire_u32(&f);
    struct str text = wire_text(&f), options = wire_text(&f);
    bool replied_to = kind <= OFFER_WITHDRAW;
    if (!wire_fields_end(&f) || kind > OFFER_ELICITED)
        return error_set(err, ST_PROTOCOL, "an offer that does not fit");
    if (replied_to && !(p->record->flags & RECORD_DYNAMIC))
        return error_set(err, ST_PROTOCOL, "an offer of a plugin that is not dynamic");
    struct offer_return *back = replied_to ? malloc(sizeof(*back)) : NULL;
    if (back)
        *back = (struct offer_return){r->owner, r->number, m->id};
    int32_t rc = replied_to && !back ? HEXMCP_E_NOMEM
                                     : take(p, kind, of, (hexmcp_str){text.ptr, text.len},
                                            (hexmcp_str){options.ptr, options.len}, back);
    if (rc) {
        free(back);
        if (replied_to)
            reply(r, m->id, rc, STR("{}"));
        else
            plugin_log(p, LOG_LEVEL_WARNING, "told of a change, or of an elicitation, that is lost: "
                                             "too many wait, or it is none of its own");
    }
    return ST_OK;
}
