/*
 * Inside of the operations of state: one operation on its way past the hooks of its points.
 *
 * access_begin runs the hooks that come before, and then start(), which asks the state with the access
 * as `arg`. What it is told goes to access_answer, access_changed or access_fail, which run the hooks
 * that come after and end the call, exactly once. What hooks may see of a sensitive value: nothing.
 */
#pragma once

#include "core/state/operations_inside.h"

struct access {
    struct access *next, **at;
    struct state_operations *operations;
    struct operation_call *call;
    const char *action; /* "get", "set" ...: what comes behind "state."                              */
    enum hook_point before;
    void (*start)(struct access *access);
    struct place_text texts;
    struct buffer key_text;
    struct state_place place;
    struct str key; /* or the prefix */
    struct json value; /* of a change */
    bool sensitive;

    uint64_t hooks; /* that are waited for */
    struct buffer changed; /* by hooks: a value */
    struct json_doc *doc;  /* of it */
    struct buffer answer;  /* while hooks look at it */
    struct json_doc *answer_doc;
    uint64_t version; /* after a change, or that was in its way */
    bool removed;
    uint32_t attempt; /* from 0 */
    struct timer *timer;
};

/* `key` names the argument that the operation is about. Fails the call where the place is wrong. */
void access_begin(struct state_operations *s, struct operation_call *call, enum hook_point before,
                  const char *action, const char *key, void (*start)(struct access *access));

/* Ends reading; `text` is cleared. */
void access_answer(struct access *access, struct buffer *text);

/* Ends a change; `text` as above. With `conflict` hooks may have it tried again. */
void access_changed(struct access *access, uint64_t version, bool removed, bool conflict,
                    struct buffer *text);

void access_fail(struct access *access, const struct error *err);

/* The hooks agree and it goes on by other means: frees the access, ends nothing. */
void access_free(struct access *access);

void access_free_all(struct state_operations *s);
