/* Inside of session: a result that is too long for an event becomes an artifact of the caller, which the
 * session holds. */
#pragma once

#include "core/session/artifact_call.h"

struct keep_result {
    struct artifact_call call;
    const struct call_context *context; /* borrowed until done() */
    struct str stream;                  /* of the session; the same */
    char ref[ARTIFACT_ID_LENGTH + 1];   /* its id; empty: it is not kept */
    bool redacted;                      /* its secrets are not in the artifact */
    void (*done)(struct keep_result *keep);
};

/* True if a result of this length is to be kept so. */
bool keep_result_wants(const struct sessions *sessions, size_t len);

/* `name` is the one of the artifact. done() comes once, perhaps before return; what cannot be kept is
 * no error here: then `ref` is empty. */
void keep_result_begin(struct keep_result *keep, struct str name, struct str result);

void keep_result_drop(struct keep_result *keep);
