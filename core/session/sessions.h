/*
 * The domain of sessions: its operations, "session.create" and so on, over the journal and its
 * projections. A caller sees its own sessions and those alone: others are not there.
 *
 * All [loop].
 */
#pragma once

#include "core/hook/hooks.h"
#include "core/journal/journal.h"
#include "core/operation/operations.h"
#include "core/projection/projection.h"
#include "core/redact/redact.h"
#include "core/session/session.h"
#include "ports/driven/crypto.h"
#include "ports/driven/search_index.h"
#include "ports/driving/call_service.h"
#include "ports/driving/catalog_service.h"
#include "ports/driving/operation_service.h"

/* Space of the search index where messages and results are. */
#define SESSIONS_SEARCH_SPACE "sessions"

/* All of it outlives the sessions. */
struct sessions_parts {
    struct journal *journal;
    struct projections *projections;
    const struct event_store *events;
    const struct search_index *search; /* NULL: nothing is found by words                         */
    const struct clock_port *clock;
    const struct random_port *random;
    const struct crypto_port *crypto;
    const struct call_service *calls;      /* whose calls are recorded, and made again by a replay */
    const struct catalog_service *catalog;
    const struct redactor *redactor;       /* NULL: secrets stay in the record                     */
    /* Where "artifact.*" are; NULL: long results are not kept as artifacts. Nothing is asked of it
     * before a session needs it. */
    const struct operation_service *artifacts;
    struct session_limits limits;          /* of new sessions                                      */
    bool record_all;                       /* also calls that name no session                      */
    struct hooks *hooks;                   /* NULL: nobody hooks                                   */
};

struct sessions;

/* Adds the types of its events to the journal, and its projections. */
int sessions_new(const struct sessions_parts *parts, struct sessions **out, struct error *err);

/* Operations that run are never told. Nothing may be told to it any more by the store, and by journal
 * and projections: no loop runs between this and their end. NULL is allowed. */
void sessions_free(struct sessions *sessions);

int sessions_add_operations(struct sessions *sessions, struct operations *operations,
                            struct error *err);
