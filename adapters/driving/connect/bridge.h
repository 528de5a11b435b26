/* Inside of connect: everything that belongs to one run. */
#pragma once

#include "adapters/driving/connect/connect.h"
#include "adapters/driving/connect/pending.h"
#include "adapters/driving/connect/queue.h"
#include "adapters/driving/lines/lines.h"

/* Bytes that are read at once. */
#define READ_BYTES ((size_t)16 * 1024)

/* Queued for the server: above, no line of the client is taken. */
#define TO_SERVER_MAX ((size_t)1024 * 1024)

/* Queued for the client: above, no line of either side is taken. */
#define TO_CLIENT_MAX ((size_t)4 * 1024 * 1024)

enum link_state {
    LINK_DOWN,      /* there is no server; another attempt will be made                          */
    LINK_GREETING,  /* connected; each tells who it is                                           */
    LINK_RESTORING, /* the session is opened anew on a server that does not know it              */
    LINK_OPEN,      /* messages flow                                                             */
    LINK_FAILED,    /* no attempt is made any more: requests are answered with the reason        */
};

struct link {
    enum link_state state;
    struct wire_end end; /* the socket; -1 */
    struct framing framing;
    struct queue queue;
    bool input_ended;  /* the server said all it has to say                                      */
    bool output_ended; /* it takes nothing more, or was told that there is nothing more          */
    bool leaving;      /* it told that it shuts down; what it answers so is not an answer        */
    bool proven;       /* it answered a request                                                  */
    uint64_t since;    /* when it was reached                                                    */
    unsigned number;   /* servers that have been reached so far                                  */
    uint64_t try_at;      /* LINK_DOWN: the next attempt                                         */
    uint64_t pause_ms;    /* ... and how long after it another one                               */
    uint64_t give_up_at;
    uint64_t late_at;     /* what is waited for must have come until then; UINT64_MAX            */
    struct error why;     /* the last attempt failed                                             */
};

/* A server that we start. */
struct starting {
    int lock;   /* file whose lock says that somebody starts one; -1 */
    int child;  /* process id; 0: none, or it has ended */
    int lock_failed; /* errno: the file cannot be opened */
    int status; /* how it ended, if it did not do so well; 128 and above: by a signal */
    bool tried; /* the one of this outage was started */
};

/* A message that makes a session what it is, to be said again to a new server. */
struct kept {
    struct kept *next;
    enum method method; /* METHOD_SUBSCRIBE: one for each URI; the others: one */
    size_t len;
    char text[];
};

struct session {
    char *initialize; /* the client's request; NULL: there is no session of the handshake era */
    size_t initialize_len;
    char *revision; /* raw, as the server answered; NULL: it has not */
    size_t revision_len;
    bool initialized; /* the client has said so */
    struct kept *kept;
};

/* What is asked of a new server before messages flow again. */
struct restore {
    unsigned open;    /* questions of ours that are not answered */
    bool lists[3];    /* changes of these lists are told in the session: tools, prompts, resources */
    bool listing;     /* the tools have been asked for */
};

/* A request of the server to the client. */
struct asked {
    struct asked *next;
    size_t len;
    char id[]; /* raw, as the client was told */
};

struct bridge {
    const struct connect_options *options;
    struct link link;
    struct starting starting;
    struct session session;
    struct restore restore;
    struct pending_list pending;
    struct asked *asked;
    struct framing from_client;
    struct queue to_client;
    uint64_t batches;
    int parent_fd;
    int signal_fd;
    bool input_ended;    /* nothing more comes from the client */
    bool lines_left;     /* lines of the client may be left to take */
    bool told_end;       /* the server knows that nothing more comes */
    bool told_failure;   /* LINK_FAILED: some request was answered with the reason */
    bool failed;         /* link.why is why we end */
    bool said_failure;   /* ... and stands on stderr */
    bool no_memory;
    bool over;           /* nothing is left to do, or nobody to do it for */
    bool used;           /* memory was used since it was last given back */
};

/* Bytes of lines that were not taken. */
static inline size_t framing_held(const struct framing *f)
{
    return f->bytes.len - f->start;
}

/* Milliseconds that only go forward. */
uint64_t bridge_now(void);

/* Puts the bytes of a line for the client into its queue. */
void bridge_tell(struct bridge *b, struct str line);

/* Answers the pending request (or the whole batch that it is the first of) with an error and forgets
 * it. */
void bridge_refuse(struct bridge *b, struct pending *p, const char *text);
/* The same with all. */
void bridge_refuse_all(struct bridge *b, const char *text);

/* Sends the kept request; from now on the server may have it. */
void bridge_send(struct bridge *b, struct pending *p);

/* client.c: one line from the client. */
void client_line(struct bridge *b, struct str line);
/* A line over the limit. */
void client_too_long(struct bridge *b);

/* server.c: one line from the server, once it has greeted. */
void server_line(struct bridge *b, struct str line);
/* What the client was asked by the last server needs no answer any more. */
void server_forget_asked(struct bridge *b);
/* True if the client answers a question of this server. */
bool server_takes_answer(struct bridge *b, struct json id);
/* The id that the server gave, from the one that the client was told; empty: it is not ours. */
void server_own_id(struct bridge *b, struct json id, struct buffer *out);

/* link.c */
void link_start(struct bridge *b);
void link_stop(struct bridge *b);
/* Everything of the link that is due at this time. */
void link_turn(struct bridge *b, uint64_t now);
/* The earliest time at which link_turn must be called. */
uint64_t link_due(const struct bridge *b);
/* A line of the greeting. */
void link_greeted(struct bridge *b, struct str line);
/* The server is gone, or not what it should be: `why`, printf-style, is what the client would be
 * told if none comes back. */
void link_lost(struct bridge *b, const char *why, ...) __attribute__((format(printf, 2, 3)));
/* There will be no server: everything is answered with the reason. */
void link_give_up(struct bridge *b);

/* session.c */
void session_clear(struct session *s);
/* The request was answered; `result` may be nothing. */
void session_note(struct session *s, const struct pending *p, struct json result);
/* Opens the session anew; counts its questions in restore.open. */
void session_restore(struct bridge *b);
/* The new server's answer to `initialize`. False: the session cannot go on, and all is over. */
bool session_restored(struct bridge *b, const struct message *answer);
/* Tells the client that what it knows may not be true any more. */
void session_tell_changes(struct bridge *b);

/* restore.c */
void restore_begin(struct bridge *b);
/* An answer with an id of ours. */
void restore_answer(struct bridge *b, const struct message *m);
/* True if it is one. */
bool restore_is_own(struct json id);

/* start.c: a server is wanted and nobody listens. */
void start_server(struct bridge *b);
/* The socket answers: whoever waits for it may go on. */
void start_done(struct bridge *b);
/* A child has ended. */
void start_reap(struct bridge *b);
