/* Inside of connect: the requests of the client that are not answered yet, in their order. */
#pragma once

#include "adapters/driving/connect/message.h"

struct pending {
    struct pending *next;
    enum method method;
    uint64_t batch;     /* those of one batch have one number; 0: sent alone                     */
    uint64_t ends_at;   /* how many bytes must have been written for the server to have it whole */
    unsigned lost;      /* servers that had it and went away                                     */
    bool modern;        /* says its protocol version itself                                      */
    bool kept;          /* `text` is the whole message                                           */
    bool harmless;      /* a call of a tool that may be called twice                             */
    bool acknowledged;  /* a listen request: the client has been told that it listens            */
    bool has_progress;
    double progress;    /* the highest that was told                                             */
    struct str id;      /* raw; in `text`                                                        */
    struct str token;   /* raw, for progress; in `text`; may be empty                            */
    size_t len;
    char text[];
};

struct pending_list {
    struct pending *first;
    struct pending **end;
    size_t bytes; /* of kept texts */
};

void pending_init(struct pending_list *list);
void pending_clear(struct pending_list *list);

/* Appends the request `m`. Its text is kept if `keep` and if all kept texts then have at most
 * `limit` bytes. NULL without memory. */
struct pending *pending_add(struct pending_list *list, const struct message *m, bool keep,
                            size_t limit);

/* NULL: there is none. */
struct pending *pending_find(const struct pending_list *list, struct str id);
struct pending *pending_find_token(const struct pending_list *list, struct str token);

void pending_remove(struct pending_list *list, struct pending *p);

/* Reads a kept request once more; it lives as long as `p`. */
int pending_read(const struct pending *p, struct message *out);
