#include <errno.h>
#include <sys/socket.h>

#include "adapters/driving/websocket/wire.h"

/* Memory that an empty queue of a busy connection keeps. */
#define KEEP_BYTES ((size_t)16 * 1024)

#define TEXT_FRAME 0x81u
#define PACKED_BIT 0x40u

size_t output_queued(const struct connection *c)
{
    return c->out.len - c->out_start;
}

static void add_header(struct buffer *out, unsigned first_byte, uint64_t len)
{
    unsigned bytes = len < 126 ? 0 : len <= 0xFFFF ? 2 : 8;
    buffer_add_char(out, (char)first_byte);
    buffer_add_char(out, (char)(bytes == 0 ? len : bytes == 2 ? 126 : 127));
    while (bytes-- > 0)
        buffer_add_char(out, (char)(len >> (8 * bytes)));
}

/* A frame that is lost leaves the client waiting for ever: end instead. */
void output_frame(struct connection *c, unsigned first_byte, struct str payload)
{
    size_t before = output_queued(c);
    if (before == 0)
        c->moved_ms = sweep_now(c->wire);
    if (buffer_reserve(&c->out, payload.len + 10)) {
        add_header(&c->out, first_byte, payload.len);
        buffer_add_str(&c->out, payload);
    }
    if (buffer_failed(&c->out)) {
        ending_dead(c);
        return;
    }
    c->wire->facts.queued_bytes += output_queued(c) - before;
    connection_changed(c);
}

static bool pack(struct wire *w, struct str message)
{
    if (!w->deflate)
        w->deflate = deflate_new();
    buffer_reset(&w->scratch, PACK_MOST * 2);
    return w->deflate && deflate_pack(w->deflate, message, &w->scratch) &&
           w->scratch.len < message.len;
}

static void add_message(struct connection *c, struct str message)
{
    struct wire *w = c->wire;
    if (c->deflate && message.len >= PACK_LEAST && message.len <= PACK_MOST && pack(w, message))
        output_frame(c, TEXT_FRAME | PACKED_BIT, buffer_str(&w->scratch));
    else
        output_frame(c, TEXT_FRAME, message);
}

/* Input is held back above half of what may be queued, until a quarter. */
static void look_at_queue(struct connection *c)
{
    size_t most = c->wire->options.limits.max_queued_bytes;
    if (c->stage != STAGE_OPEN)
        return;
    if (output_queued(c) > most / 2) {
        c->held_back = true;
    } else if (c->held_back && output_queued(c) <= most / 4) {
        c->held_back = false;
        if (input_has_rest(c))
            connection_ready(c);
    }
}

bool output_send(void *ctx, const struct message_about *about, struct str message)
{
    struct connection *c = ctx;
    struct wire *w = c->wire;
    size_t most = w->options.limits.max_queued_bytes;
    if (c->stage != STAGE_OPEN)
        return false;
    /* What one turn of the loop has queued has not been offered to the client yet. */
    if (output_queued(c) > most / 2 && !c->blocked)
        output_flush(c);
    if (c->stage != STAGE_OPEN)
        return false;
    if (about->kind == MESSAGE_NOTIFICATION && output_queued(c) > most / 2) {
        w->facts.dropped++;
        return false;
    }
    if (output_queued(c) > most) {
        ending_close(c, CLOSE_POLICY, "the client does not read");
        return false;
    }
    add_message(c, message);
    w->facts.sent++;
    c->active_ms = sweep_now(w);
    look_at_queue(c);
    return c->stage == STAGE_OPEN;
}

/* Room before the front is used again as soon as it is the larger part. */
static void wrote_bytes(struct connection *c, size_t len)
{
    c->moved_ms = sweep_now(c->wire);
    c->wire->facts.queued_bytes -= len;
    c->out_start += len;
    if (c->out_start == c->out.len) {
        buffer_reset(&c->out, KEEP_BYTES);
        c->out_start = 0;
    } else if (c->out_start > c->out.len / 2) {
        buffer_drop_front(&c->out, c->out_start);
        c->out_start = 0;
    }
}

void output_flush(struct connection *c)
{
    while (output_queued(c) && !c->blocked) {
        ssize_t wrote = send(c->fd, c->out.data + c->out_start, output_queued(c),
                             MSG_DONTWAIT | MSG_NOSIGNAL);
        if (wrote >= 0)
            wrote_bytes(c, (size_t)wrote);
        else if (errno == EAGAIN || errno == EWOULDBLOCK)
            c->blocked = true;
        else if (errno != EINTR) {
            ending_dead(c);
            return;
        }
    }
    look_at_queue(c);
}
