/*
 * Inside of websocket: a reader of frames, of the library wslay.
 *
 * A reader takes 4 KiB, so a connection has one only in the middle of a frame; between frames it goes
 * back to those that are spare.
 */
#pragma once

#include <wslay/wslay.h>

#include "core/base/str.h"

/* Longest payload of a control frame. */
#define CONTROL_MAX 125

struct frame_reader {
    wslay_frame_context_ptr frames;
    struct str input;  /* what the library has not taken yet */
    uint64_t fed;      /* bytes that it took ... */
    uint64_t consumed; /* ... and those that belong to what it gave */
    char control[CONTROL_MAX]; /* payload of the control frame that is being read */
    size_t control_len;
    struct frame_reader *next;
};

struct frame_readers {
    struct frame_reader *spare;
    size_t count;
};

/* NULL without memory. */
struct frame_reader *frame_reader_take(struct frame_readers *readers);

/* After a whole frame with nothing behind it. */
void frame_reader_give_back(struct frame_readers *readers, struct frame_reader *reader);

void frame_reader_free(struct frame_reader *reader);
void frame_readers_clear(struct frame_readers *readers);

/* Bytes of a frame in front of its payload. */
size_t frame_header_length(const struct wslay_frame_iocb *frame);

enum frame_step {
    FRAME_MORE,   /* all input was taken, and there is no more to tell */
    FRAME_PIECE,  /* *piece is a piece of payload, perhaps empty, with the header of its frame */
    FRAME_BROKEN, /* this is no frame */
};

enum frame_step frame_reader_next(struct frame_reader *reader, struct wslay_frame_iocb *piece);
