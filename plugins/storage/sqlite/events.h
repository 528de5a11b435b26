/*
 * Streams of events.
 *
 * SPDX-License-Identifier: MIT
 */
#pragma once

#include "store.h"

extern const struct operation events_append;
extern const struct operation events_read;
extern const struct operation events_read_all;

#define EVENT_BYTES_MAX CONTENT_BYTES_MAX

/* An event as it is stored. `data` is JSON. */
struct event {
    hexmcp_str id, type, at, correlation, causation, caller, tenant, data;
    int64_t schema;
};

/* Reads the JSON of an event, with its texts decoded in their place. `members` gets those that are not of
 * struct event: stream, version, position; or NULL. */
struct event_place {
    hexmcp_str stream, version, position;
};
int32_t event_parse(hexmcp_str json, struct event *ret, struct event_place *ret_place,
                    hexmcp_error *err);

/* Adds an event; `position` 0: the next one. */
int32_t event_add(struct db *db, int64_t stream, int64_t version, int64_t position,
                  const struct event *event, hexmcp_error *err);

/* Writes the event of a row of one of the statements that select EVENT (sql.c). */
void event_write(struct out *o, sqlite3_stmt *row, hexmcp_str stream);

/* The number of a stream and its version; 0 and 0 if it has no events. */
int32_t stream_find(struct db *db, hexmcp_str space, hexmcp_str name, int64_t *ret_number,
                    int64_t *ret_version, hexmcp_error *err);
/* Adds a stream, or moves it to its version. */
int32_t stream_move(struct db *db, hexmcp_str space, hexmcp_str name, int64_t *number, int64_t version,
                    hexmcp_error *err);
