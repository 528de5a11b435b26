/* Inside of session: reads all rows of a projection below a prefix, page by page. */
#pragma once

#include "core/session/work.h"

#define ROWS_MAX 20000u

struct row_reader {
    struct session_work *work;
    const struct projection *projection;
    struct str prefix;
    struct buffer after; /* where to begin; cleared by who reads */
    bool backward;
    size_t count;        /* rows that were told */
    /* False: enough. */
    bool (*row)(struct row_reader *reader, struct str key, struct json value);
    void (*done)(struct row_reader *reader);
};

/* Tells rows until there are no more, row() has enough or ROWS_MAX; fails the work on an error. The
 * reader lives until done(). */
void rows_read(struct row_reader *reader);

/* True if the row, which has "caller" and "tenant", is of the caller of the work. */
bool row_is_of(const struct session_work *work, struct json row);
