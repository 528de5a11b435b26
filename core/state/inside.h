/* Inside of core/state. */
#pragma once

#include "core/base/arena.h"
#include "core/base/str_index.h"
#include "core/state/state.h"

/* The key under which a place keeps what it uses: {"bytes": n, "keys": n}. Keys of others have no
 * control characters. */
#define USAGE_KEY STR("\x01usage")

/* All other keys come after this one. */
#define BEFORE_KEYS STR("\x1f")

#define SEEN_MAX 1024u

/* Something that was begun and not told yet. First member of what each operation needs. */
struct state_job {
    struct state_job *next, *prev;
    struct state *state; /* NULL after state_free: nothing is told                                 */
    struct arena memory;
    struct str space;
    struct state_place place; /* its texts are in `memory` */
    bool changes; /* waits for its turn in its space                                               */
    bool running;
    void (*start)(struct state_job *job);
    void (*again)(struct state_job *job); /* job_turn */
    bool turning, ended;
};

/* A change; `space` is NULL where there was no memory to keep it. */
struct seen {
    char *space, *key, *json; /* one allocation, `space` is its start */
    size_t space_len, key_len, json_len;
    bool cleared;
};

struct watcher;

struct state {
    struct state_parts parts;
    struct state_job *first, *last;
    bool pumping;

    struct str_index ephemeral; /* space, '\n', key -> struct ephemeral                            */
    uint64_t ephemeral_bytes, ephemeral_version;

    struct seen seen[SEEN_MAX]; /* by sequence modulo SEEN_MAX                                     */
    uint64_t sequence;
    struct watcher *watchers;
    uint64_t last_watch;
};

/* A zeroed job of `size` bytes for the place; NULL with `err` filled. */
void *job_new(struct state *state, size_t size, const struct state_place *place, struct error *err);

/* Starts it, or lets it wait. Without memory for its texts it must not be begun. */
void state_job_begin(struct state_job *job);

/* Calls step(job), from a loop if a call of job_turn for this job is on the stack: a store that
 * answers at once must not nest a call for each page. */
void job_turn(struct state_job *job, void (*step)(struct state_job *job));

/* Frees it and starts what waited for it. */
void job_end(struct state_job *job);

/* Frees a job that was not begun. */
void job_drop(struct state_job *job);

int64_t state_now(const struct state *state);

/* Counts what a space has, without USAGE_KEY. */
void usage_count(const struct key_value_store *values, struct str space,
                 void (*told)(void *arg, const struct error *err, uint64_t bytes, uint64_t keys),
                 void *arg);

struct ephemeral {
    char *key; /* space, '\n', key */
    size_t key_len;
    char *stored; /* as in the store */
    size_t stored_len;
    uint64_t version;
    int64_t expires_ms;
};

/* NULL if there is none that lasts. */
struct ephemeral *ephemeral_get(struct state *state, struct str space, struct str key);

/* ST_TOO_LARGE: the quota of one place is all that the memory of all may take. */
int ephemeral_set(struct state *state, struct str space, struct str key, struct str stored,
                  int64_t expires_ms, uint64_t *version, struct error *err);

void ephemeral_remove(struct state *state, struct str space, struct str key);

/* Removes all of the space with the prefix. */
uint64_t ephemeral_clear(struct state *state, struct str space, struct str prefix);

/* The first one of the space behind `after` with the prefix; its key in *key. NULL: none. */
struct ephemeral *ephemeral_next(struct state *state, struct str space, struct str prefix,
                                 struct str after, struct str *key);

void ephemeral_free_all(struct state *state);
void watch_free_all(struct state *state);
