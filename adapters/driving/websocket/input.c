#include <errno.h>
#include <stdlib.h>
#include <sys/socket.h>

#include "adapters/driving/websocket/wire.h"

#define RSV1 4
#define CONTROL_BIT 8

bool input_has_rest(const struct connection *c)
{
    return c->in.len > 0 || (c->reader && c->reader->fed != c->reader->consumed);
}

/* Between frames a connection holds no reader. */
static void give_reader_back(struct connection *c)
{
    if (!c->reader || c->in_frame || c->reader->fed != c->reader->consumed)
        return;
    frame_reader_give_back(&c->wire->readers, c->reader);
    c->reader = NULL;
}

void input_drop(struct connection *c)
{
    c->wire->facts.held_bytes -= c->message.len;
    buffer_clear(&c->message);
    buffer_clear(&c->in);
    frame_reader_free(c->reader);
    c->reader = NULL;
}

static void end_control(struct connection *c, unsigned opcode)
{
    struct str payload = {c->reader->control, c->reader->control_len};
    if (opcode == WSLAY_CONNECTION_CLOSE)
        ending_closed_by_peer(c, payload);
    else if (opcode == WSLAY_PING && c->stage == STAGE_OPEN)
        output_frame(c, 0x80 | WSLAY_PONG, payload);
}

static const char *wrong_in_data_frame(const struct connection *c,
                                       const struct wslay_frame_iocb *frame)
{
    if (frame->opcode > WSLAY_BINARY_FRAME)
        return "unknown opcode";
    if (frame->opcode == WSLAY_CONTINUATION_FRAME && !c->in_message)
        return "a continuation of nothing";
    if (frame->opcode != WSLAY_CONTINUATION_FRAME && c->in_message)
        return "a message inside of another one";
    if (frame->rsv == RSV1 && (!c->deflate || frame->opcode == WSLAY_CONTINUATION_FRAME))
        return "a reserved bit is set";
    return NULL;
}

static const char *wrong_in_frame(const struct connection *c, const struct wslay_frame_iocb *frame)
{
    if (!frame->mask)
        return "a frame without mask";
    if (frame->rsv & ~RSV1)
        return "a reserved bit is set";
    if (!(frame->opcode & CONTROL_BIT))
        return wrong_in_data_frame(c, frame);
    if (frame->opcode > WSLAY_PONG)
        return "unknown opcode";
    return frame->rsv ? "a reserved bit is set" : NULL;
}

/* False: the connection is not served any more. */
static bool begin_frame(struct connection *c, const struct wslay_frame_iocb *frame)
{
    const char *wrong = wrong_in_frame(c, frame);
    c->in_frame = true;
    c->frame_left = frame->payload_length;
    c->reader->consumed += frame_header_length(frame);
    if (wrong) {
        ending_close(c, CLOSE_PROTOCOL, wrong);
        return false;
    }
    if (frame->opcode & CONTROL_BIT) {
        c->reader->control_len = 0;
        return true;
    }
    if (frame->opcode == WSLAY_BINARY_FRAME) {
        ending_close(c, CLOSE_BINARY, "text messages only");
        return false;
    }
    if (frame->opcode == WSLAY_TEXT_FRAME)
        c->packed = frame->rsv == RSV1;
    c->in_message = true;
    if (frame->payload_length > c->wire->options.limits.max_message_bytes - c->message.len) {
        ending_close(c, CLOSE_TOO_BIG, "the message is too long");
        return false;
    }
    return true;
}

static void add_payload(struct connection *c, struct str payload)
{
    struct wire *w = c->wire;
    if (payload.len > w->options.limits.max_held_bytes - w->facts.held_bytes) {
        ending_close(c, CLOSE_LATER, "the server receives too much at once");
        return;
    }
    buffer_add_str(&c->message, payload);
    if (buffer_failed(&c->message))
        ending_close(c, CLOSE_FAILED, "out of memory");
    else
        w->facts.held_bytes += payload.len;
}

static void end_frame(struct connection *c, const struct wslay_frame_iocb *frame)
{
    c->in_frame = false;
    if (frame->opcode & CONTROL_BIT) {
        end_control(c, frame->opcode);
        return;
    }
    if (frame->fin) {
        c->in_message = false;
        message_end(c);
    }
}

static void take_piece(struct connection *c, const struct wslay_frame_iocb *frame)
{
    struct str data = {(const char *)frame->data, frame->data_length};
    if (!c->in_frame && !begin_frame(c, frame))
        return;
    c->reader->consumed += data.len;
    c->frame_left -= data.len;
    if ((frame->opcode & CONTROL_BIT) && data.len) {
        memcpy(c->reader->control + c->reader->control_len, data.ptr, data.len);
        c->reader->control_len += data.len;
    } else if (c->stage == STAGE_OPEN) {
        add_payload(c, data);
    }
    if (c->frame_left == 0 && !c->deaf)
        end_frame(c, frame);
}

static bool may_go_on(const struct connection *c)
{
    return !c->deaf && !c->paused && !c->held_back &&
           !(c->wire->draining && c->stage == STAGE_OPEN);
}

/* What could not be handed out is kept. */
static void keep_rest(struct connection *c)
{
    struct str rest = c->reader->input;
    if (c->in.len && rest.len) {
        buffer_drop_front(&c->in, c->in.len - rest.len);
    } else if (c->in.len) {
        buffer_clear(&c->in);
    } else if (rest.len) {
        buffer_add_str(&c->in, rest);
        if (buffer_failed(&c->in))
            ending_dead(c);
    }
    c->reader->input = (struct str){NULL, 0};
}

static void read_frames(struct connection *c)
{
    struct wslay_frame_iocb frame;
    uint64_t before = c->wire->facts.received;
    while (may_go_on(c)) {
        if (c->wire->facts.received - before >= TURN_MESSAGES) {
            connection_ready(c);
            break;
        }
        enum frame_step step = frame_reader_next(c->reader, &frame);
        if (step == FRAME_MORE)
            break;
        if (step == FRAME_BROKEN)
            ending_close(c, CLOSE_PROTOCOL, "a broken frame");
        else
            take_piece(c, &frame);
    }
}

void input_take(struct connection *c, struct str bytes)
{
    if (c->deaf || c->stage == STAGE_DEAD)
        return;
    if (!c->reader)
        c->reader = frame_reader_take(&c->wire->readers);
    if (!c->reader) {
        ending_dead(c);
        return;
    }
    if (c->in.len)
        buffer_add_str(&c->in, bytes);
    if (buffer_failed(&c->in)) {
        ending_dead(c);
        return;
    }
    c->reader->input = c->in.len ? buffer_str(&c->in) : bytes;
    read_frames(c);
    if (c->deaf) {
        input_drop(c);
        return;
    }
    keep_rest(c);
    give_reader_back(c);
    connection_changed(c);
}

void input_read(struct connection *c)
{
    struct wire *w = c->wire;
    ssize_t got = recv(c->fd, w->input, sizeof(w->input), MSG_DONTWAIT);
    if (got < 0 && (errno == EAGAIN || errno == EWOULDBLOCK || errno == EINTR))
        return;
    if (got <= 0) {
        ending_dead(c);
        return;
    }
    c->heard_ms = sweep_now(w);
    c->pinged = false;
    input_take(c, (struct str){w->input, (size_t)got});
}

void input_resume(void *ctx)
{
    struct connection *c = ctx;
    c->paused = false;
    if (input_has_rest(c))
        connection_ready(c);
    connection_changed(c);
}
