/* One message over a socket, without waiting; everything that comes is checked. */
#pragma once

#include "adapters/driven/plugin_host/wire/message.h"
#include "core/base/error.h"

#define DATAGRAM_SPACE (sizeof(struct wire_header) + WIRE_INLINE_MAX)

/*
 * Reads one message into `space` (DATAGRAM_SPACE bytes, aligned to 8). ST_OK: it is in *out, and
 * datagram_clear() ends it. ST_BUSY: there is none. ST_UNAVAILABLE: the other end is closed.
 * ST_PROTOCOL: what came is no message; the text says why.
 */
int datagram_read(int socket, char *space, struct wire_message *out, struct error *err);
/* Unmaps a long body and closes the descriptor, if it was not taken. */
void datagram_clear(struct wire_message *message, const char *space);

/* Sends a message whose body is `head` and then `tail`, with the descriptor `fd`, or -1, which stays the
 * caller's. ST_BUSY: not now. ST_UNAVAILABLE: it cannot be sent. */
int datagram_write(int socket, enum wire_op op, uint64_t id, struct str head, struct str tail, int fd,
                   struct error *err);
