/* Inside of the listener. */
#pragma once

#include <uv.h>

#include "adapters/driving/listener/first_bytes.h"
#include "adapters/driving/listener/listener.h"
#include "core/base/buffer.h"

/* A socket that is listened on. */
struct door {
    struct listener *listener;
    struct door *next;
    uv_poll_t poll;
    int fd;
    char *text;
    bool local;
    bool loopback;
    uint16_t port; /* 0 if local */
    uint64_t device, inode; /* of a Unix socket's file */
};

/* One address and how many connections it has. */
struct address_count {
    struct address_count *next;
    size_t count;
    char address[46]; /* INET6_ADDRSTRLEN */
};

#define ADDRESS_BUCKETS 256u

/* A connection, from accept until `ended`. It waits for its first bytes while `waiting` is true. */
struct guest {
    struct listener *listener;
    struct guest *next, *before; /* all of them */
    struct address_count *address; /* NULL if local */
    struct waiting *waiting;       /* NULL: handed on, or with TLS */
    bool local;
    bool secure;
    uint32_t uid;
    int32_t pid;
};

struct listener {
    struct loop *loop;
    uv_loop_t *uv;
    struct listener_options options;
    struct door *doors;
    struct guest *guests;
    struct address_count *addresses[ADDRESS_BUCKETS];
    struct listener_facts facts;
    uv_timer_t pause; /* while there are no descriptors left */
    int spare;        /* a descriptor to accept with when there is none left, to close at once */
    bool listening;
    bool stopped;
    char peeked[FIRST_BYTES_MAX];
};

/* doors.c */
void doors_open(struct listener *listener);
/* Nothing is accepted until doors_open; who comes waits in the kernel. */
void doors_shut(struct listener *listener);
void door_free(struct door *door);

/* accept.c */
void accept_some(struct door *door);
/* Ends a connection's entry. */
void guest_end(struct guest *guest);

/* addresses.c: NULL without memory. */
struct address_count *address_enter(struct listener *listener, const char *address);
void address_leave(struct listener *listener, struct address_count *address);

/* waiting.c: awaits the first bytes on `fd` and hands it on, or closes it. */
void waiting_start(struct guest *guest, int fd);
/* Closes it without a word. */
void waiting_end(struct waiting *waiting);

/* refusal.c: tells the client why in the words of what it probably speaks, and closes. */
void refuse(int fd, bool local, const char *status, const char *why);
