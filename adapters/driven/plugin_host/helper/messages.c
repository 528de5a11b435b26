#include <stdio.h>
#include <unistd.h>

#include "adapters/driven/plugin_host/backend.h"
#include "adapters/driven/plugin_host/helper/helper.h"

void helper_die(const char *why)
{
    fprintf(stderr, "hexmcp-plugin-host: %s\n", why);
    _exit(70);
}

void helper_send(struct helper *h, enum wire_op op, uint64_t id)
{
    if (wire_send_answer(h->wire, op, id, -1, NULL))
        helper_die("out of memory for a message to hexmcp");
}

static _Noreturn void stop(struct helper *h, uint32_t budget_ms)
{
    helper_offers_close(h);
    plugin_host_stop(h->host, budget_ms);
    helper_log_flush(h);
    fflush(NULL);
    /* Threads of the plugin may still run: nothing is freed, and no exit handler runs beside them. */
    _exit(0);
}

static int on_stop(struct helper *h, const struct wire_message *m, struct error *err)
{
    struct wire_fields f = wire_fields(m->body);
    uint32_t budget_ms = wire_u32(&f);
    if (!wire_fields_end(&f))
        return error_set(err, ST_PROTOCOL, "a stop without its time");
    stop(h, budget_ms);
}

static int on_ping(struct helper *h, uint64_t id)
{
    wire_body(h->wire);
    helper_send(h, WIRE_PONG, id);
    return ST_OK;
}

struct saving {
    struct helper *helper;
    uint64_t id;
};

static void saved(void *arg, int rc, struct str state)
{
    const struct saving *saving = arg;
    struct buffer *body = wire_body(saving->helper->wire);
    wire_put_i32(body, rc);
    wire_put_u8(body, state.ptr != NULL);
    wire_put_text(body, state);
    helper_send(saving->helper, WIRE_SAVED, saving->id);
}

static int on_save(struct helper *h, uint64_t id)
{
    struct plugin *p = h->host->plugins[0];
    struct saving saving = {h, id};
    p->backend->save(p, saved, &saving);
    return ST_OK;
}

int helper_message(void *ctx, struct wire_message *m, struct error *err)
{
    struct helper *h = ctx;
    switch (m->op) {
    case WIRE_CALL:
        return helper_call(h, m, err);
    case WIRE_CANCEL:
        h->runtime->cancel(h->runtime->ctx, m->id);
        return ST_OK;
    case WIRE_ABANDON:
        h->runtime->abandon(h->runtime->ctx, m->id);
        return ST_OK;
    case WIRE_PING:
        return on_ping(h, m->id);
    case WIRE_SAVE:
        return on_save(h, m->id);
    case WIRE_STOP:
        return on_stop(h, m, err);
    case WIRE_FILE_REPLY:
        return helper_file_reply(h, m, err);
    case WIRE_OFFER_REPLY:
        return helper_offer_reply(h, m, err);
    case WIRE_EVENT:
        return helper_service_event(h, m, err);
    default:
        return error_set(err, ST_PROTOCOL, "message %d is unknown", (int)m->op);
    }
}
