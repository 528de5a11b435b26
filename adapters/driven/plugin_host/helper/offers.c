/* What the plugin publishes, withdraws and tells of. */
#include <stdlib.h>

#include "adapters/driven/plugin_host/helper/helper.h"
#include "adapters/driven/plugin_host/offer.h"
#include "adapters/driven/plugin_host/published.h"

struct sent_offer {
    struct sent_offer *next;
    uint64_t id;
    struct offer *offer;
};

/* Nobody listens, so the log does. `text` is {"message":...}. */
static void log_failure(const struct plugin *p, struct str text)
{
    struct json_doc *doc;
    struct str message;
    struct buffer scratch = BUFFER_INIT;
    if (json_parse(text, &doc, NULL))
        return;
    if (json_string(json_get(json_root(doc), STR("message")), &scratch, &message))
        plugin_log(p, LOG_LEVEL_WARNING, "%.*s", STR_ARG(message));
    buffer_clear(&scratch);
    json_free(doc);
}

static void finish(struct offer *o, int status, struct str text)
{
    offer_leave(o);
    if (status && !o->reply)
        log_failure(o->plugin, text);
    if (o->reply)
        o->reply(o->arg, status, (hexmcp_str){text.ptr, text.len});
    offer_free(o);
}

/* A change is told of and forgotten; what is published or withdrawn has a reply. */
static void take(void *ctx, struct offer *o)
{
    struct helper *h = ctx;
    bool replied = o->kind == OFFER_PUBLISH || o->kind == OFFER_WITHDRAW;
    struct sent_offer *sent = replied ? malloc(sizeof(*sent)) : NULL;
    if (replied && !sent) {
        finish(o, ST_NOMEM, STR("{}"));
        return;
    }
    uint64_t id = ++h->ids;
    struct buffer *body = wire_body(h->wire);
    wire_put_u32(body, (uint32_t)o->kind);
    wire_put_u32(body, (uint32_t)o->of);
    wire_put_text(body, o->text);
    wire_put_text(body, o->options);
    helper_send(h, WIRE_OFFER, id);
    if (!replied) {
        finish(o, ST_OK, STR("{}"));
        return;
    }
    *sent = (struct sent_offer){h->offers, id, o};
    h->offers = sent;
}

/* The plugin may tell of changes of what it published from now on. */
static void note(const struct offer *o)
{
    if (o->kind == OFFER_PUBLISH)
        published_note(o->plugin, o->of, o->text);
    else
        published_forget(o->plugin, o->of, o->text);
}

int helper_offer_reply(struct helper *h, const struct wire_message *m, struct error *err)
{
    struct wire_fields f = wire_fields(m->body);
    int status = wire_i32(&f);
    struct str text = wire_text(&f);
    struct sent_offer **at = &h->offers;
    while (*at && (*at)->id != m->id)
        at = &(*at)->next;
    if (!*at || !wire_fields_end(&f))
        return error_set(err, ST_PROTOCOL, "a reply to an offer that nobody made");
    struct sent_offer *sent = *at;
    *at = sent->next;
    if (!status)
        note(sent->offer);
    finish(sent->offer, status, text);
    free(sent);
    return ST_OK;
}

void helper_offers_close(struct helper *h)
{
    while (h->offers) {
        struct sent_offer *sent = h->offers;
        h->offers = sent->next;
        finish(sent->offer, ST_UNAVAILABLE, STR("{\"message\":\"the plugin stops\"}"));
        free(sent);
    }
}

void helper_offers_init(struct helper *h)
{
    h->offer_exit = (struct offer_exit){h, take};
}
