/* Artifacts over stores in memory, and one call after the other. */
#pragma once

#include <stdint.h>

#include "core/artifact/artifact.h"
#include "core/base/buffer.h"
#include "tests/core/fakes/fake_blob_store.h"
#include "tests/core/fakes/fake_key_value_store.h"

#define HOUR_MS ((int64_t)60 * 60 * 1000)

struct world {
    struct fake_kv kv;
    struct fake_blob_store blobs;
    struct artifacts *artifacts;
    struct operations *operations;
    struct clock_port clock;
    struct random_port random;
    struct executor_port executor;
    struct codec_port codec;
    int64_t now_ms;
    uint64_t chance;
    struct caller caller;
    /* Of the last call. */
    int told;
    int code;
    struct buffer text;   /* answer, or error: ends with NUL                                      */
    struct buffer pieces;
};

int world_open(void **state);
int world_close(void **state);

/* Asks and gives the status; the answer or the text of the error is in w->text. */
int ask(struct world *w, const char *operation, const char *arguments, struct str bytes);

/* The string member of the answer, or of its "artifact"; stays until the next one. */
const char *answer_text(struct world *w, const char *name);
int64_t answer_number(struct world *w, const char *name);

/* Stores `text` under a name and gives its id, in memory of the world. */
const char *store(struct world *w, const char *name, const char *session, const char *text);

void become(struct world *w, const char *caller, const char *tenant);
