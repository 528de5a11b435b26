/* Inside of doctor: what a peer consists of. */
#pragma once

#include "adapters/driving/doctor/peer.h"

struct asked {
    char id[28];
    struct json_doc *answer;
};

struct peer {
    pid_t pid;
    int in, out, err; /* our ends; -1: closed */
    bool ended;
    int status; /* of waitpid */
    struct buffer line;
    struct buffer replies; /* answers of ours that wait to be sent */
    struct asked *asked;
    size_t asked_count, asked_room;
    int64_t serial;
    enum null_id null_meaning;
    size_t null_ids;
    struct observed *observed;
};

/* Until guard_end a signal that ends this process kills the group `pid` first: it has a group of its own,
 * so Ctrl-C on the terminal does not reach it. One at a time. */
void guard_begin(pid_t pid);
void guard_end(void);

/* Judges a line without its end. */
void peer_take_line(struct peer *peer, struct str line);

void observe(struct observed *observed, enum oddity oddity, const char *format, ...)
    __attribute__((format(printf, 3, 4)));

/* Lists living children of this process other than `known`: their number; names as "a (12), b (13)".
 * With `end` they are killed and waited for. */
size_t children_besides(pid_t known, bool end, char *names, size_t room);
