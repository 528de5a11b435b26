/*
 * Any bytes in any pieces through the reader of frames: the first byte is the length of the pieces.
 * What is read must not depend on them, and the count of bytes that were used must be right, as a
 * reader is given back by it. Packed payloads are unpacked with a limit.
 */
#include <assert.h>

#include "adapters/driving/websocket/deflate.h"
#include "adapters/driving/websocket/frame_reader.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

#define LIMIT 4096

struct reading {
    struct buffer told; /* headers and payload, however it came */
    uint64_t left;
    bool in_frame;
    bool broken;
    struct buffer packed;
};

static void end_frame(struct reading *r, const struct wslay_frame_iocb *frame,
                      struct deflate *deflate)
{
    struct buffer message = BUFFER_INIT;
    r->in_frame = false;
    if (frame->rsv == 4) {
        int rc = deflate_unpack(deflate, buffer_str(&r->packed), LIMIT, &message);
        assert(rc == ST_TOO_LARGE || message.len <= LIMIT);
        assert(message.len <= LIMIT + 1);
    }
    buffer_clear(&message);
    buffer_reset(&r->packed, 0);
}

static void take_piece(struct reading *r, struct frame_reader *reader,
                       const struct wslay_frame_iocb *frame, struct deflate *deflate)
{
    if (!r->in_frame) {
        const unsigned char head[] = {frame->fin, frame->rsv, frame->opcode, frame->mask};
        r->in_frame = true;
        r->left = frame->payload_length;
        reader->consumed += frame_header_length(frame);
        buffer_add(&r->told, head, sizeof(head));
    }
    assert(frame->data_length <= r->left);
    assert(!(frame->opcode & 8) || frame->payload_length <= CONTROL_MAX);
    reader->consumed += frame->data_length;
    r->left -= frame->data_length;
    buffer_add(&r->told, frame->data, frame->data_length);
    buffer_add(&r->packed, frame->data, frame->data_length);
    if (r->left == 0)
        end_frame(r, frame, deflate);
}

static void read_in_pieces(struct str bytes, size_t piece, struct reading *r)
{
    struct frame_readers readers = {NULL, 0};
    struct deflate *deflate = deflate_new();
    struct frame_reader *reader = NULL;
    for (size_t at = 0; at < bytes.len && !r->broken; at += piece) {
        size_t len = bytes.len - at < piece ? bytes.len - at : piece;
        struct wslay_frame_iocb frame;
        enum frame_step step;
        reader = reader ? reader : frame_reader_take(&readers);
        reader->input = (struct str){bytes.ptr + at, len};
        while ((step = frame_reader_next(reader, &frame)) == FRAME_PIECE)
            take_piece(r, reader, &frame, deflate);
        r->broken = step == FRAME_BROKEN;
        assert(r->broken || reader->input.len == 0);
        assert(reader->consumed <= reader->fed);
        if (!r->broken && !r->in_frame && reader->fed == reader->consumed) {
            frame_reader_give_back(&readers, reader);
            reader = NULL;
        }
    }
    frame_reader_free(reader);
    frame_readers_clear(&readers);
    deflate_free(deflate);
    buffer_clear(&r->packed);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    if (size < 2)
        return 0;
    struct reading whole = {.told = BUFFER_INIT}, pieces = {.told = BUFFER_INIT};
    struct str bytes = {(const char *)data + 1, size - 1};
    read_in_pieces(bytes, bytes.len, &whole);
    read_in_pieces(bytes, (size_t)data[0] % 16 + 1, &pieces);
    assert(whole.broken == pieces.broken);
    assert(str_eq(buffer_str(&whole.told), buffer_str(&pieces.told)));
    buffer_clear(&whole.told);
    buffer_clear(&pieces.told);
    return 0;
}
