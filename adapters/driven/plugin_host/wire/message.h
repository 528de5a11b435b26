/*
 * What the program and the helper of a plugin say to each other. One message is one datagram of a
 * connected pair of sockets: a header, then the body, whose fields are in codec.h's form. A body that
 * is longer than WIRE_INLINE_MAX travels in a sealed memory file.
 *
 * Ids: of a call the core's; of everything else the asking side's own, never 0, never used again.
 */
#pragma once

#include <stdint.h>

#include "ports/types.h"

/* 64 KiB of text and what goes with it. */
#define WIRE_INLINE_MAX ((size_t)72 << 10)
/* What a service takes at once is 64 MiB, and so is the result of a call. */
#define WIRE_BODY_MAX ((size_t)130 << 20)

enum wire_op {
    /* To the helper. */
    WIRE_START = 1,   /* first of all; start.h                                                   */
    WIRE_CALL,        /* id of the call; call_codec.h                                            */
    WIRE_CANCEL,      /* id of the call                                                          */
    WIRE_ABANDON,     /* id of the call                                                          */
    WIRE_PING,        /* any id                                                                  */
    WIRE_STOP,        /* u32 milliseconds                                                        */
    WIRE_FILE_REPLY,  /* id of the request; i32 status, text: an error or a name; descriptor     */
    WIRE_OFFER_REPLY, /* id of the offer; i32 status, text: an error or a name                   */
    WIRE_EVENT,       /* id of the request; u32 kind, i32 status, u8 last, text, bytes; descriptor */
    WIRE_SAVE,        /* any id                                                                  */

    /* To the program. */
    WIRE_READY = 32, /* i32 status, text: why it cannot be used                                  */
    WIRE_COMPLETED,  /* id of the call; u32 outcome, text                                        */
    WIRE_FAILED,     /* id of the call; i32 status, text                                         */
    WIRE_RELEASED,   /* id of the call                                                           */
    WIRE_PROGRESS,   /* id of the call; f64, f64, text                                           */
    WIRE_CALL_LOG,   /* id of the call; u32 level, text                                          */
    WIRE_LOG,        /* u32 level or WIRE_LEVEL_DENIED, text                                      */
    WIRE_PONG,       /* id of the ping                                                           */
    WIRE_LOST,       /* a worker does not come back                                              */
    WIRE_FILE,       /* id of the request; u64 call, u32 flags, u8 parent, text path             */
    WIRE_OFFER,      /* id of the offer; u32 enum offer_kind, u32 enum item_kind, text, options  */
    WIRE_OPEN,       /* id of the request; u32 service, u32 op, u64 call, text, bytes            */
    WIRE_TELL,       /* id of the request; u32 kind, text, bytes                                 */
    WIRE_CLOSE,      /* id of the request                                                        */
    WIRE_SAVED,      /* id of the save; i32 status, u8 whether there is a state, text: it or an error */
    WIRE_NOTE,       /* text: what the kernel lacks for the sandbox                              */
};

/* In the place of a level: the plugin tried what the text says, and was not granted it. */
#define WIRE_LEVEL_DENIED 100u

/* All numbers as this machine has them: both ends are of one build. */
struct wire_header {
    uint32_t size; /* of the datagram */
    uint16_t op;
    uint16_t flags; /* WIRE_IN_MEMORY, WIRE_HAS_FD */
    uint64_t id;
    uint64_t body; /* bytes */
};

#define WIRE_IN_MEMORY 1u /* the body is in the first descriptor  */
#define WIRE_HAS_FD 2u    /* the last descriptor is the message's */

/* One that has come. */
struct wire_message {
    enum wire_op op;
    uint64_t id;
    struct str body; /* borrowed until the function that gets the message returns */
    int fd;          /* or -1; who wants it takes it and puts -1                  */
};
