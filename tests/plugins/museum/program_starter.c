/* It starts a program that it never asked for. */
#include "exhibit.h"

static int32_t bad(hexmcp_call call, hexmcp_str args, hexmcp_error *err)
{
    (void)args;
    (void)err;
    pid_t pid = fork();
    if (pid == 0) {
        execl("/bin/true", "true", (char *)NULL);
        _exit(127);
    }
    if (pid < 0)
        return fail(err, HEXMCP_E_DENIED, "no process could be started");
    return good(call);
}

EXHIBIT;
