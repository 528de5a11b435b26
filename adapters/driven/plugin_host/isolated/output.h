/* What a helper writes to stdout and stderr: lines for the log, and its last words. */
#pragma once

#include "adapters/driven/plugin_host/host.h"

#define LAST_WORDS 4096u
#define OUTPUT_LINES_PER_SECOND 100u

struct output {
    struct plugin *plugin;
    char line[2048];
    size_t line_len;
    char words[LAST_WORDS]; /* the newest bytes, in order */
    size_t words_len;
    uint64_t second_began; /* monotonic; of the limit */
    uint32_t lines, dropped;
};

/* Takes what can be read of `fd`. False if its other end is closed. */
bool output_read(struct output *o, int fd);
/* The end: a line without its end, and how many were dropped. */
void output_end(struct output *o);
/* The last line that is not empty, cut to `max` bytes at a character; borrowed. */
struct str output_last_line(const struct output *o, size_t max);
