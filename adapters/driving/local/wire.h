/* Inside of local: one connection. */
#pragma once

#include <uv.h>

#include "adapters/driving/lines/lines.h"
#include "adapters/driving/local/local.h"

/* Longest first line, in bytes. */
#define GREETING_BYTES ((size_t)256 * 1024)

/* Bytes that are read at once. */
#define READ_BYTES ((size_t)64 * 1024)

/* What one turn of the loop takes of one connection. */
#define TURN_MESSAGES 256u
#define TURN_NS 2000000u

/* How long a client may take nothing of the last answers. */
#define LAST_WORDS_MS 500u

struct reloading;

struct link {
    struct local *local;
    struct link *next, *before; /* all of them */
    int fd;
    int handles; /* that are open */
    uv_poll_t poll;
    uv_idle_t idle; /* lines that are here and may not be handed out yet */
    uv_timer_t timer;
    int events; /* that are waited for */
    struct framing framing;
    struct line_queue out;
    struct message_sink sink;
    struct message_endpoint endpoint; /* its functions are NULL before the greeting */
    void (*ended)(void *lease);
    void *lease;
    struct reloading *reloading; /* a reload that it waits for */
    uint32_t uid;
    uint64_t moved;        /* bytes read and written */
    uint64_t moved_before; /* ... when the timer was started */
    struct link *next_flush; /* of those with something to write */
    bool to_flush;
    bool greeted;
    bool paused;      /* by the endpoint */
    bool held_back;   /* by the length of the queue */
    bool lines_left;  /* lines that were read may not be handed out yet */
    bool input_ended; /* nothing more is read */
    bool urgent_data; /* somebody did send it: hangups are not waited for any more */
    bool shut_down;   /* the endpoint has answered everything */
    bool broken;      /* an answer is lost: ends as soon as nobody is in the middle of it */
    bool closing;
};

struct local {
    struct loop *loop;
    uv_loop_t *uv;
    struct local_options options;
    struct connection_taker taker;
    struct link *links;
    struct link *to_flush;
    uv_prepare_t before_wait;
    uv_check_t after_wait;
    int handles;
    uint64_t serial;
    struct local_facts facts;
    bool draining;
};

/* greeting.c: the first line. The link may be closing afterwards. */
void link_greet(struct link *k, struct str line);
/* Its reload is not waited for any more. */
void link_forget_reload(struct link *k);
/* Says why and ends. */
void link_refuse(struct link *k, const char *why);

/* input.c */
void link_read(struct link *k);
/* Reads on, or stops reading, as the flags say. */
void link_update(struct link *k);


/* output.c */
bool link_send(void *ctx, const struct message_about *about, struct str message);
void link_say(struct link *k, struct str line);
void link_flush(struct link *k);
/* Of all links. */
void link_flush_all(struct local *local);

/* ending.c */
void link_drain(struct link *k);
void link_check_end(struct link *k);
/* Without words. */
void link_end(struct link *k);

/* local.c: waits for these UV_ events from now on. */
void link_wait(struct link *k, int events);
bool link_hung_up(const struct link *k);
