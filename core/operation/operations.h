/*
 * The table of operations (ports/driving/operation_service.h): a domain adds its own and runs them.
 * Arguments are checked against the operation's schema before run(); schemas are compiled when first
 * needed.
 */
#pragma once

#include "core/base/error.h"
#include "core/json/json.h"
#include "ports/driven/regex.h"
#include "ports/driving/operation_service.h"

struct operations;
struct operation_call;

/* One operation; lives as long as the table. */
struct operation {
    const char *name; /* "session.create"                                                        */
    const char *title;
    const char *description;
    const char *arguments; /* JSON Schema 2020-12 of an object                                   */
    enum operation_effect effect;
    /* Ends the call with operation_answer or operation_fail, exactly once, at once or later. */
    void (*run)(void *domain, struct operation_call *call);
};

int operations_new(const struct regex_port *regex, struct operations **out, struct error *err);

/* Calls that still run are dropped without a report. NULL is allowed. */
void operations_free(struct operations *ops);

/* Adds a domain's operations. ST_INVALID: a name is there already. */
int operations_add(struct operations *ops, const struct operation *table, size_t count, void *domain,
                   struct error *err);

const struct operation_service *operations_service(struct operations *ops);

/* What the call is about; valid until it ends. The context's caller is a copy of the one of the
 * request; of its texts the trace context is kept and nothing else. */
struct json operation_arguments(const struct operation_call *call);
struct str operation_bytes(const struct operation_call *call);
const struct call_context *operation_context(const struct operation_call *call);

/* Nobody waits for it any more: long work may stop, and must still end the call. */
bool operation_cancelled(const struct operation_call *call);

/* A piece of the answer. False: the caller takes none, and the call is to be ended with an error. */
bool operation_piece(struct operation_call *call, struct str json, struct str bytes);

/* Ends the call: `json` is an object. */
void operation_answer(struct operation_call *call, struct str json);
void operation_fail(struct operation_call *call, const struct error *err);
