/* Inside of session: a session holds several artifacts, one after the other. */
#pragma once

#include "core/session/artifact_call.h"

struct hold_all {
    struct artifact_call call;
    struct str stream; /* of the session */
    struct buffer ids; /* each once, one behind the other */
    size_t at;
    bool forgiving; /* those that are not there are passed over */
    const struct call_context *context;
    void (*done)(struct hold_all *all, const struct error *err);
};

/* Without memory done() will tell it. */
void hold_all_add(struct hold_all *all, struct str id);

/* Once, perhaps before return. The context is borrowed until done(). */
void hold_all_begin(struct hold_all *all, const struct call_context *context,
                    void (*done)(struct hold_all *all, const struct error *err));

void hold_all_clear(struct hold_all *all);
