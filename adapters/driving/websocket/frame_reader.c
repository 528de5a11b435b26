#include "adapters/driving/websocket/frame_reader.h"

#include <stdlib.h>

#define SPARE_MAX 8

static ssize_t give_input(uint8_t *to, size_t room, int flags, void *user)
{
    struct frame_reader *r = user;
    size_t len = r->input.len < room ? r->input.len : room;
    (void)flags;
    if (len == 0)
        return -1;
    memcpy(to, r->input.ptr, len);
    r->input = (struct str){r->input.ptr + len, r->input.len - len};
    r->fed += len;
    return (ssize_t)len;
}

static struct frame_reader *reader_new(void)
{
    const struct wslay_frame_callbacks callbacks = {.recv_callback = give_input};
    struct frame_reader *r = calloc(1, sizeof(*r));
    if (r && wslay_frame_context_init(&r->frames, &callbacks, r) != 0) {
        free(r);
        return NULL;
    }
    return r;
}

struct frame_reader *frame_reader_take(struct frame_readers *readers)
{
    struct frame_reader *r = readers->spare;
    if (!r)
        return reader_new();
    readers->spare = r->next;
    readers->count--;
    return r;
}

void frame_reader_give_back(struct frame_readers *readers, struct frame_reader *reader)
{
    if (readers->count == SPARE_MAX) {
        frame_reader_free(reader);
        return;
    }
    reader->fed = reader->consumed = 0;
    reader->next = readers->spare;
    readers->spare = reader;
    readers->count++;
}

void frame_reader_free(struct frame_reader *reader)
{
    if (!reader)
        return;
    wslay_frame_context_free(reader->frames);
    free(reader);
}

void frame_readers_clear(struct frame_readers *readers)
{
    while (readers->spare) {
        struct frame_reader *r = readers->spare;
        readers->spare = r->next;
        frame_reader_free(r);
    }
    readers->count = 0;
}

size_t frame_header_length(const struct wslay_frame_iocb *frame)
{
    size_t length = frame->payload_length < 126 ? 2 : frame->payload_length <= 0xFFFF ? 4 : 10;
    return length + (frame->mask ? 4 : 0);
}

enum frame_step frame_reader_next(struct frame_reader *reader, struct wslay_frame_iocb *piece)
{
    *piece = (struct wslay_frame_iocb){.fin = 0};
    ssize_t rc = wslay_frame_recv(reader->frames, piece);
    if (rc >= 0)
        return FRAME_PIECE;
    return rc == WSLAY_ERR_WANT_READ ? FRAME_MORE : FRAME_BROKEN;
}
