/* How far a call is, drawn over and over on one line of the terminal behind stderr. */
#pragma once

#include <stdbool.h>

#include "core/base/str.h"

struct progress_bar {
    bool shown;
    unsigned steps; /* moves the block if nobody knows the total */
};

/* Draws it. Nothing happens if stderr is no terminal that can. `total` 0: nobody knows it. */
void progress_bar_draw(struct progress_bar *bar, double progress, double total,
                       struct str message);

/* Takes it away: before anything else is written. */
void progress_bar_clear(struct progress_bar *bar);
