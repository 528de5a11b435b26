/*
 * Cuts a stream of bytes into lines. "\n" and "\r\n" end a line; blank lines are nothing. A line
 * over the limit is skipped without being stored and reported once.
 */
#pragma once

#include "core/base/buffer.h"

struct framing {
    struct buffer bytes;
    size_t start;   /* the first byte that was not handed out */
    size_t scanned; /* up to here there is no line end */
    size_t limit;   /* longest line, in bytes */
    bool skipping;  /* in the rest of a line over the limit */
};

enum framing_result {
    FRAMING_MORE,    /* no whole line is there */
    FRAMING_LINE,    /* *line is one, valid until the next call */
    FRAMING_TOO_LONG /* a line over the limit begins; what follows of it is skipped */
};

void framing_init(struct framing *f, size_t limit);
void framing_clear(struct framing *f);

/* Room for at least `least` bytes of input; *room is how much there is. NULL without memory. Follow
 * it with framing_filled. */
char *framing_space(struct framing *f, size_t least, size_t *room);
void framing_filled(struct framing *f, size_t len);

enum framing_result framing_next(struct framing *f, struct str *line);

/* The line that framing_next or framing_rest gave last, in memory of its own. A long line that is
 * alone in the buffer is not copied: the buffer is handed over. NULL without memory. */
char *framing_take(struct framing *f, struct str line);

/* At the end of the stream: the last line if it lacks its line end. */
enum framing_result framing_rest(struct framing *f, struct str *line);
