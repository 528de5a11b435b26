/*
 * What a client wants to hear of: lists that change, resources, tasks. A session of the handshake era
 * has one interest, and so has each subscriptions/listen.
 *
 * What cannot be sent because the client is behind is kept, once for each subject, and tried again:
 * no change is lost, and nothing piles up.
 */
#pragma once

#include "core/base/buffer.h"
#include "core/json/json.h"
#include "ports/driving/change_service.h"

/* Resources and tasks that one interest may name. */
#define INTEREST_SUBJECTS_MAX 1024

#define LIST_CHANGES 3 /* CHANGE_TOOLS, CHANGE_PROMPTS, CHANGE_RESOURCES */

struct subject {
    enum change_kind kind;
    char *name;
    size_t len;
    bool due;
};

struct interest {
    bool lists[LIST_CHANGES];
    bool due[LIST_CHANGES];
    struct subject *subjects;
    size_t count;
    size_t cap;
};

struct connection;
struct request;

/* ST_OK also if it was there already. ST_TOO_LARGE: too many; ST_NOMEM. */
int interest_add(struct interest *interest, enum change_kind kind, struct str name,
                 struct error *err);
/* ST_TOO_LARGE, with the limit in the text. */
int interest_too_many(struct error *err);
void interest_remove(struct interest *interest, enum change_kind kind, struct str name);
void interest_clear(struct interest *interest);

/* Notes the change if it is of interest. True if something is due now. */
bool interest_note(struct interest *interest, const struct change *change);
