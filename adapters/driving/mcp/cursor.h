/*
 * Cursors of lists: opaque to clients, base64url of the list's name, its generation and the name of
 * the last entry that was sent. They hold no state of a session, and keyed by name they survive
 * changes of the list without skipping an entry.
 */
#pragma once

#include "core/base/buffer.h"

/* Appends the cursor. `list` is one word. */
void cursor_write(struct buffer *out, struct str list, uint64_t generation, struct str last);

/* Decodes `text` into `scratch`, where *last then lies. False if it is no cursor of that list. */
bool cursor_read(struct str text, struct str list, struct buffer *scratch, struct str *last);
