#include "adapters/driving/cli/terminal.h"

#include <stdlib.h>
#include <string.h>
#include <sys/ioctl.h>
#include <unistd.h>

bool terminal_can_redraw(int fd)
{
    const char *kind = getenv("TERM");
    return isatty(fd) && kind && kind[0] && strcmp(kind, "dumb") != 0;
}

unsigned terminal_columns(int fd)
{
    struct winsize size;
    return isatty(fd) && ioctl(fd, TIOCGWINSZ, &size) == 0 ? size.ws_col : 0;
}
