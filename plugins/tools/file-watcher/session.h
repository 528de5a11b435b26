/*
 * session.h - one call that watches: from its arguments to the end.
 *
 * SPDX-License-Identifier: MIT
 */
#pragma once

#include "changes.h"
#include "hexmcp/simple.h"
#include "kit/args.h"
#include "kit/pace.h"
#include "watches.h"

#define PATHS_MAX 100
#define EVENTS_MAX 1000
#define FOLDERS_MAX 8192u
#define DEPTH_MAX 64
#define PATH_BYTES_MAX 4096
#define PATTERN_BYTES_MAX 200
#define TIMEOUT_MS_MAX 300000
#define DEBOUNCE_MS_MAX 10000
#define DEBOUNCE_MS 100

struct session {
    const hexmcp_round *r;
    int inotify;
    const char *const *paths;
    size_t path_count;
    const char *pattern; /* NULL: everything */
    bool recursive;
    uint64_t timeout_ms, max_events;
    struct watches watches;
    struct changes changes;
    struct pace pace;
    uint64_t end_ms;
    uint64_t events;
    hexmcp_json_writer out; /* the events */
    uint64_t denied;        /* folders that the host did not open */
    bool overflow, full;    /* events were lost; there were more folders than are watched */
    bool drained;           /* all that the kernel had to tell was read */
    bool begun;             /* what the call named is watched */
};

/* Reads the arguments; their texts live as long as they. */
int32_t session_read(struct session *s, struct args *args);

/* The time of both clocks, for what is added next. */
void session_clock(struct session *s);

/* [worker] Watches what the call named. */
int32_t session_begin(struct session *s);

/* [worker] Reads what the kernel tells, without waiting. */
int32_t session_take(struct session *s);

/* Watches no longer what is at `path` and beneath. */
void session_forget(struct session *s, const char *path);

void session_clear(struct session *s);

/* ---- between the files of this folder ---- */

/* [worker] Watches the folder and, if recursive, those beneath. `tells`: what is in it is new and becomes
 * creations. What cannot be opened is counted and passed over. */
int32_t scan_folder(struct session *s, const char *path, int depth, bool tells);

/* [worker] A path that the call named: a folder, or one entry of a folder. */
int32_t scan_given(struct session *s, const char *path);

/* Whether the pattern, if any, fits. */
bool session_fits(const struct session *s, const char *path);

int32_t session_no_memory(const struct session *s);
