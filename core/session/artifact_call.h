/*
 * Inside of session: one operation "artifact.*" on behalf of the caller of a session. What the caller
 * may not see is not there for the session either.
 */
#pragma once

#include "core/session/work.h"

/* Longer results of calls are artifacts, where there are artifacts. */
#define ARTIFACT_RESULT_MIN 65536u

/* Still longer ones are not kept: what artifact.put takes at once. */
#define ARTIFACT_RESULT_MAX ((size_t)8 << 20)

/* "blake3:" and 64 digits. */
#define ARTIFACT_ID_LENGTH 71u

struct artifact_call {
    struct sessions *sessions;
    uint64_t id;         /* while it runs */
    struct buffer bytes; /* of the answer */
    /* Takes the bytes of the answer piece by piece in place of `bytes`; or NULL. */
    void (*piece)(struct artifact_call *call, struct str bytes);
    /* Once, and not after artifact_call_drop. `answer` is nothing with an error. */
    void (*done)(struct artifact_call *call, const struct error *err, struct json answer);
};

/* The artifact that the event refers to; false: none. Valid as long as the event. */
bool session_artifact_of(const struct session_event *event, struct str *id);

/* `arguments` and `bytes` are borrowed until return, the context too. done() may come before. */
void artifact_call_begin(struct artifact_call *call, const struct call_context *context,
                         const char *operation, struct str arguments, struct str bytes);

/* The session of `stream` holds the artifact; lets go of all that it holds. */
void artifact_hold_begin(struct artifact_call *call, const struct call_context *context,
                         struct str stream, struct str id);
void artifact_release_begin(struct artifact_call *call, const struct call_context *context,
                            struct str stream);

/* Nothing is told any more; the memory of the answer goes. */
void artifact_call_drop(struct artifact_call *call);
