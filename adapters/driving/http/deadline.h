/* Deadlines of connections. Each kind has one length, so the one that began first ends first. */
#pragma once

#include "ports/types.h"

enum deadline_kind {
    DEADLINE_HEAD,  /* the whole head of a request      */
    DEADLINE_IDLE,  /* the next request                 */
    DEADLINE_BODY,  /* the next piece of a body         */
    DEADLINE_WRITE, /* the next progress of an answer   */
    DEADLINE_KINDS,
    DEADLINE_NONE = DEADLINE_KINDS,
};

struct deadline {
    enum deadline_kind kind; /* DEADLINE_NONE: it is in no list */
    uint64_t at_ms;
    struct deadline *next, *before;
};

struct deadlines {
    struct deadline *first[DEADLINE_KINDS], *last[DEADLINE_KINDS];
    uint64_t length_ms[DEADLINE_KINDS];
};

/* Takes the place of the one that is set. Returns when it ends. */
uint64_t deadline_set(struct deadlines *all, struct deadline *d, enum deadline_kind kind,
                      uint64_t now_ms);
void deadline_clear(struct deadlines *all, struct deadline *d);

/* One that has ended; it stays in its list. NULL if there is none. */
struct deadline *deadline_over(const struct deadlines *all, uint64_t now_ms);

/* When the next one ends; UINT64_MAX if there is none. */
uint64_t deadline_next(const struct deadlines *all);
