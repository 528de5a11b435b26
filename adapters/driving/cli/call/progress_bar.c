#include "adapters/driving/cli/call/progress_bar.h"

#include <math.h>
#include <stdio.h>
#include <string.h>
#include <unistd.h>

#include "adapters/driving/cli/plain.h"
#include "adapters/driving/cli/terminal.h"

#define CELLS 20u
#define BLOCK 3u

static void fill(char *cells, unsigned from, unsigned count)
{
    memset(cells, ' ', CELLS);
    memset(cells + from, '#', count);
    cells[CELLS] = '\0';
}

/* Both numbers come from a plugin and may be anything. */
static double share_of(double progress, double total)
{
    double share = progress / total;
    return !(share > 0) ? 0 : share > 1 ? 1 : share;
}

static int draw_known(double share)
{
    char cells[CELLS + 1];
    fill(cells, 0, (unsigned)(share * CELLS));
    return fprintf(stderr, "\r\033[K[%s] %3.0f%%", cells, floor(share * 100));
}

static int draw_unknown(unsigned step, double progress)
{
    char cells[CELLS + 1];
    fill(cells, step % (CELLS - BLOCK + 1), BLOCK);
    return fprintf(stderr, "\r\033[K[%s] %g", cells, progress);
}

void progress_bar_draw(struct progress_bar *bar, double progress, double total,
                       struct str message)
{
    if (!terminal_can_redraw(STDERR_FILENO))
        return;
    static const int invisible = sizeof("\r\033[K") - 1;
    bool known = isfinite(total) && total > 0;
    int used = known ? draw_known(share_of(progress, total)) : draw_unknown(bar->steps++, progress);
    unsigned columns = terminal_columns(STDERR_FILENO);
    /* One column stays free: a full line would wrap and could not be drawn over. */
    unsigned taken = (unsigned)(used - invisible) + 2;
    if (message.len && (!columns || columns > taken)) {
        fputc(' ', stderr);
        plain_put_line(stderr, message, columns ? columns - taken : 0);
    }
    fflush(stderr);
    bar->shown = true;
}

void progress_bar_clear(struct progress_bar *bar)
{
    if (bar->shown)
        fputs("\r\033[K", stderr);
    bar->shown = false;
}
