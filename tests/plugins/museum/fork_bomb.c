/* It forks without end. (Sixteen times, so that it ends even where nobody stops it.) */
#include "exhibit.h"

static pid_t first;

__attribute__((constructor)) static void remember(void)
{
    first = getpid();
}

static int32_t bad(hexmcp_call call, hexmcp_str args, hexmcp_error *err)
{
    (void)args;
    (void)err;
    for (int i = 0; i < 4; i++)
        if (fork() < 0)
            return fail(err, HEXMCP_E_DENIED, "no process could be started");
    if (getpid() != first)
        for (;;)
            pause();
    return good(call);
}

EXHIBIT;
