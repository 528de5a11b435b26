/*
 * Cursors of lists: opaque to clients. A cursor is the place behind which the next page begins, sealed
 * for its list and caller. It holds no state of a session, and as places are never used again it
 * survives changes of the list without skipping an entry.
 */
#pragma once

#include "core/base/buffer.h"
#include "core/base/error.h"

struct connection;

/* Appends the cursor. `list` names the list. */
int cursor_write(const struct connection *c, struct str list, uint64_t last, struct buffer *out,
                 struct error *err);

/* ST_INVALID or ST_DENIED if `text` is no cursor of that list, made for this caller, and still
 * valid. */
int cursor_read(const struct connection *c, struct str list, struct str text, uint64_t *last,
                struct error *err);
