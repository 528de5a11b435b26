/*
 * Inside of session: the artifacts in the file of a session. They are stored one after the other, each
 * only if its bytes are those of its digest, under the new session; what was stored goes again if the
 * import fails.
 */
#pragma once

#include "core/digest/blake3.h"
#include "core/session/hold_all.h"

struct import_artifact {
    struct artifact_call call;
    struct str stream; /* of the new session */
    struct blake3 hash;
    char id[ARTIFACT_ID_LENGTH + 1]; /* of the artifact that comes in */
    char upload[64];                 /* empty: none is open */
    uint64_t size, have;
    const char *operation; /* what is to be done next; NULL: nothing */
    struct buffer arguments, bytes; /* of it */
    struct hold_all holds;          /* those that are stored */
    size_t count;
    bool begun; /* something may be in the store */
    const struct call_context *context;
    void (*done)(struct import_artifact *artifact, const struct error *err);
};

/* A line of the file. NULL: it is right, and `operation` is to be done before the next one; else what is
 * wrong with it. */
const char *import_artifact_line(struct import_artifact *artifact, struct json line);

/* True while bytes of one are still to come. */
bool import_artifact_open(const struct import_artifact *artifact);

/* Does what the line asked for. The context is borrowed until done(). */
void import_artifact_store(struct import_artifact *artifact, const struct call_context *context,
                           void (*done)(struct import_artifact *artifact, const struct error *err));

/* Removes what was stored; nobody is told. */
void import_artifact_undo(struct import_artifact *artifact, const struct caller *caller);

void import_artifact_clear(struct import_artifact *artifact);
