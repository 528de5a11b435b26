/*
 * Inside of doctor: one run of the server, and what it said.
 *
 * Everything is done by the one thread: a function sends, or waits, and while it waits it reads what
 * comes on both outputs. What comes is judged line by line (lines.c) and noted in `observed`, which
 * outlives the run.
 */
#pragma once

#include <sys/types.h>

#include "adapters/driving/doctor/doctor.h"
#include "core/json/json.h"

/* What can be wrong with a line, whatever was asked. */
enum oddity {
    ODD_NOT_JSON,       /* bytes that are no JSON */
    ODD_BOM,            /* a mark of byte order in front */
    ODD_CRLF,           /* a carriage return at the end */
    ODD_BLANK,          /* an empty line */
    ODD_UNENDED,        /* the last line has no end */
    ODD_NOT_MESSAGE,    /* JSON, and no message: not an object, both result and error ... */
    ODD_UNKNOWN_ID,     /* answers a request that was never made */
    ODD_ID_TYPE,        /* answers 1 with "1", or the reverse */
    ODD_TWICE,          /* a second answer */
    ODD_NULL_ID,        /* an answer to nothing in particular while nothing unreadable was sent */
    ODD_NOTIFICATION,   /* an answer to a notification */
    ODD_UNDECLARED,     /* a request for which we declared no capability */
    ODD_COUNT,
};

#define SAMPLE_MAX 400

struct observed {
    struct {
        size_t count;
        char first[SAMPLE_MAX]; /* the first case, ready for a sentence */
    } odd[ODD_COUNT];
    size_t stderr_bytes, stderr_lines;
    char stderr_last[SAMPLE_MAX];
    size_t runs;
};

/* How waiting ended. */
enum waited {
    WAIT_DONE,
    WAIT_TIMEOUT,
    WAIT_GONE, /* the server ended, or closed its output */
};

struct peer;

/* Starts the command in a process group of its own. */
int peer_start(char *const *command, struct observed *observed, struct peer **out,
               struct error *err);

/* Kills what is left of it, and frees. NULL is allowed. */
void peer_end(struct peer *peer);

/* Milliseconds of a clock that only goes forward. */
int64_t peer_now(void);

/* Sends a request; `params` is the raw JSON or empty. Returns its number for the functions below. */
size_t peer_request(struct peer *peer, const char *method, struct str params);

/* The same without sending: the line of the request is appended to `out`. With `text_id` the id is
 * a string. */
size_t peer_prepare(struct peer *peer, const char *method, struct str params, bool text_id,
                    struct buffer *out);

/* Also reads for a moment, so that the server takes what follows by itself. */
void peer_notify(struct peer *peer, const char *method, struct str params);

/* Sends bytes as they are and waits until they are taken. Bytes that the server does not take for
 * `ms` are given up. */
enum waited peer_send(struct peer *peer, struct str bytes, uint32_t ms);

/* The raw JSON of the id of a request. */
const char *peer_id(const struct peer *peer, size_t request);

/* Until the request is answered. */
enum waited peer_wait(struct peer *peer, size_t request, uint32_t ms);

/* The answer, a whole message; nothing if there is none. Lives as long as the peer. */
struct json peer_answer(const struct peer *peer, size_t request);

/* Request and answer in one. *answer is nothing unless WAIT_DONE. */
enum waited peer_call(struct peer *peer, const char *method, struct str params, uint32_t ms,
                      struct json *answer);

/* Reads for that long. */
enum waited peer_listen(struct peer *peer, uint32_t ms);

/* From now on answers without an id answer a notification, or something unreadable, or nothing. */
enum null_id {
    NULL_ID_ODD,
    NULL_ID_NOTIFICATION,
    NULL_ID_EXPECTED,
};
void peer_null_ids(struct peer *peer, enum null_id meaning);
size_t peer_null_id_count(const struct peer *peer);

void peer_close_input(struct peer *peer);
void peer_signal(struct peer *peer, int signal);

/* Until the process ended. */
enum waited peer_wait_end(struct peer *peer, uint32_t ms);

bool peer_gone(const struct peer *peer);

/* How it ended, e.g. "with status 1", "by signal 11 (Segmentation fault)". */
void peer_ending(const struct peer *peer, char *out, size_t room);
bool peer_crashed(const struct peer *peer);

/* Of those that were started by the server and that it left behind: how many, and who. Waits up to
 * `ms` for them to end. Call after the process ended. */
size_t peer_orphans(struct peer *peer, uint32_t ms, char *names, size_t room);
