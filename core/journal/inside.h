/* Inside of core/journal: what its files share. */
#pragma once

#include "core/base/arena.h"
#include "core/base/str_index.h"
#include "core/base/uuid.h"
#include "core/journal/journal.h"

/* Events that are read at once. */
#define JOURNAL_PAGE 500u

/* What waits for the store. Is the first member of a load, a commit and so on. `journal` is NULL when
 * the journal was freed: then the answer is only there to free it. */
struct pending {
    struct journal *journal;
    struct pending *next, **at;
    void (*drop)(struct pending *pending); /* gives back what does not outlive the journal; or NULL */
};

/* The state of one stream, kept or of one load. */
struct aggregate {
    struct aggregate *newer, *older; /* among those that are kept */
    uint32_t users;                  /* loads that fold into it, and the table */
    bool kept;
    bool known;        /* folded up to what was the end once, so that it is worth believing */
    bool saving;       /* a snapshot is being written */
    const struct aggregate_kind *kind;
    void *state;
    uint64_t version, position;
    int64_t at_ms, latest_ms; /* of the last event, and the latest of all */
    char last_id[UUID_TEXT_SIZE]; /* of the event `version`, cut if it is longer */
    uint64_t saved;    /* version of the newest snapshot that is known */
    struct str stream; /* with a NUL behind it */
};

struct journal {
    struct journal_parts parts;
    struct uuid_source uuids;
    struct str_index types;  /* name → const struct event_type */
    struct str_index kept;   /* stream → struct aggregate */
    struct aggregate *newest, *oldest;
    struct pending *pending;
};

void pending_link(struct journal *journal, struct pending *pending);
void pending_unlink(struct pending *pending);

/* ---- aggregate.c */

/* One user. NULL without memory. */
struct aggregate *aggregate_new(const struct aggregate_kind *kind, struct str stream);
struct aggregate *aggregate_use(struct aggregate *a);
void aggregate_unuse(struct aggregate *a);

/* Back to before the first event. ST_NOMEM. */
int aggregate_reset(struct aggregate *a, struct error *err);

/* Folds an event of the newest schema, the next one. After an error the aggregate must be reset. */
int aggregate_apply(struct aggregate *a, const struct stored_event *event, struct json data,
                    struct error *err);

/* The kept one of the stream and the kind, now the newest; NULL if there is none. */
struct aggregate *kept_find(struct journal *journal, const struct aggregate_kind *kind,
                            struct str stream);
/* Keeps it, and lets the oldest go if there are too many. Without memory it is not kept. */
void kept_add(struct journal *journal, struct aggregate *a);
void kept_drop(struct journal *journal, struct aggregate *a);

/* Folds events that were just committed into the kept state, if it is at the version before them. */
void kept_follow(struct journal *journal, const struct stored_event *events,
                 struct json_doc *const *data, size_t count);

/* ---- snapshot.c */

/* Takes the state from the text of a snapshot, if it fits into the bounds and is further than the
 * aggregate is. What does not fit, or cannot be read, changes nothing. */
void snapshot_restore(struct aggregate *a, const struct journal_load *bounds, struct str text);
/* Writes one if it is time. */
void snapshot_offer(struct journal *journal, struct aggregate *a);
void snapshot_remove(struct journal *journal, struct str stream);
