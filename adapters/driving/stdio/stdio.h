/*
 * The stdio wire: one message a line, on descriptors that nothing else in the process can reach.
 *
 * stdio_claim moves standard input and output to private descriptors; call it before anything else
 * in main. Then nothing that a plugin or library prints can get between two messages.
 *
 * The wire never blocks the loop. Output is queued: above a soft limit notifications are dropped,
 * above a hard one no input is read until the client has read. Input ends by end of file (accepted
 * requests may run on for drain_ms), by SIGTERM, SIGINT or SIGHUP, by the death of the parent
 * process, or when the client closes our output; the last ones end without drain. A parent that
 * dies before stdio_claim was called cannot be told from another; then the end of input ends the
 * wire.
 */
#pragma once

#include <sys/types.h>

#include "core/base/error.h"
#include "ports/driving/message_endpoint.h"

struct loop;

/* How a descriptor wants to be read or written without blocking. */
enum wire_kind {
    WIRE_STREAM, /* pipe, terminal: O_NONBLOCK on a description of our own */
    WIRE_SOCKET, /* MSG_DONTWAIT, its flags are not touched                */
    WIRE_FILE,   /* always ready; cannot be polled                         */
};

struct wire_end {
    int fd;
    enum wire_kind kind;
    int restore_flags; /* what to set back at the end; -1: nothing */
};

/* read and write without blocking a socket, again after a signal. As read(2) and write(2) else. */
ssize_t wire_end_read(const struct wire_end *end, char *to, size_t room);
ssize_t wire_end_write(const struct wire_end *end, const char *from, size_t len);

struct stdio_wire_ends {
    struct wire_end in;
    struct wire_end out;
    int parent; /* process id of who started us; 0 if it is not to be seen from here */
};

/* Takes descriptors 0 and 1 away. Afterwards 0 is /dev/null and 1 leads to stderr. If stderr is the
 * wire too, 1 leads to /dev/null, and so does 2 unless it is a terminal. ST_UNAVAILABLE if
 * 0 or 1 is closed. */
int stdio_claim(struct stdio_wire_ends *out, struct error *err);

/* Sets flags back that had to be changed on descriptors that others share. Safe in a signal
 * handler. */
void stdio_restore(const struct stdio_wire_ends *ends);

struct stdio_options {
    const struct caller *caller; /* who speaks */
    struct stdio_wire_ends ends;
    size_t max_message_bytes;
    uint64_t drain_ms;
    bool watch_parent; /* setting stdio.watch_parent: the parent's death ends the wire */
};

/* Serves one connection until it ends. Returns ST_OK however it ended, signals included: a clean
 * end is exit code 0. An error if it could not begin. */
int stdio_serve(struct loop *loop, const struct stdio_options *options,
                const struct endpoint_factory *endpoints, struct error *err);
