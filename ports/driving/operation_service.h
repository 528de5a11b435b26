/*
 * The operations of the platform: commands that change something and queries that read, each under a
 * name, DOMAIN.VERB ("session.create", "state.get"). The command line, tools that come with hexmcp and
 * other faces all come through here; what an operation checks is checked for all of them.
 *
 * All [loop].
 */
#pragma once

#include "ports/context.h"

enum operation_effect {
    OPERATION_READS,
    OPERATION_CHANGES,
    OPERATION_DESTROYS, /* what is gone cannot be had back */
};

/* Told how an operation goes. Everything is borrowed until return. */
struct operation_observer {
    void *arg;
    /* Large answers come in pieces before done(): `bytes`, `json` as the operation says. May be NULL: then
     * an operation that has pieces fails. */
    void (*piece)(void *arg, struct str json, struct str bytes);
    /* Exactly once, the last. `json` is the answer, an object, if `err` is NULL. */
    void (*done)(void *arg, const struct error *err, struct str json);
};

struct operation_request {
    struct str name;
    struct str arguments; /* JSON object; empty: {}                                              */
    struct str bytes;     /* a value or a part of a file; empty if the operation has none        */
    const struct call_context *context; /* borrowed until execute() returns, with its caller */
};

struct operation_facts {
    struct str name;
    struct str title;
    struct str description;
    struct str arguments; /* JSON Schema 2020-12 of the arguments                                */
    enum operation_effect effect;
};

struct operation_service {
    void *ctx;

    /* Begins; texts of the request are copied or used up before return. done() comes, perhaps before
     * return. *id, which may be NULL, is for cancel(); 0 if the operation has ended. An unknown name
     * (with the nearest known one) and wrong arguments are told by done(). */
    void (*execute)(void *ctx, const struct operation_request *request,
                    const struct operation_observer *observer, uint64_t *id);

    /* Gives it up: nothing is told any more. What was begun may be done nevertheless. */
    void (*cancel)(void *ctx, uint64_t id);

    /* The operation number `index` in the order of the names; false behind the last one. */
    bool (*at)(void *ctx, size_t index, struct operation_facts *out);
};
