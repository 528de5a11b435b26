/* A session that a test folds by hand: each event as its stream would have it. */
#pragma once

#include "core/base/str.h"
#include "core/session/commands.h"

struct fold {
    struct session session;
    int64_t now_ms; /* rises by 1,000 with each event */
    uint64_t version;
    struct error err;
};

#define FOLD_INIT {.now_ms = 1000000}

/* Applies an event of the stream "session/s1", caller "ann", tenant "acme". */
int fold_event(struct fold *fold, const char *type, const char *data);

/* Decides by the command and applies what it emits. The data of the event is in `data`, which has
 * room for 4,096 bytes; "" if nothing was emitted. */
int fold_command(struct fold *fold, session_command *command, const char *arguments, char *data);

void fold_clear(struct fold *fold);
