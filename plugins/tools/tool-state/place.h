/*
 * place.h - the operations of the platform on one place of state.
 *
 * SPDX-License-Identifier: MIT
 *
 * They run as who made the call: a place is his, and no argument names anybody else.
 */
#pragma once

#include "hexmcp/simple.h"
#include "kit/args.h"

enum scope { SCOPE_TOOL, SCOPE_SESSION };

struct place {
    enum scope scope;
    const char *id; /* the namespace, or the session */
};

/* Belongs to `args`. */
int32_t place_read(struct args *args, struct place *place);
const char *place_scope(const struct place *place);

/* What an operation answers. told_free() is due. */
struct told {
    char *json;
    size_t len;
};

static inline hexmcp_str told_str(const struct told *told)
{
    return (hexmcp_str){told->json, told->len};
}

void told_free(struct told *told);

/* Begins the arguments of an operation with the place. */
void place_begin(const struct place *place, hexmcp_json_writer *w);

/* [worker] Ends the arguments, frees the writer and waits for the answer. An error has a text. */
int32_t place_ask(const hexmcp_round *r, const char *operation, hexmcp_json_writer *w, struct told *told);
