#include "adapters/driving/cli/plugin/dev/build.h"

#include <errno.h>
#include <fcntl.h>
#include <poll.h>
#include <signal.h>
#include <string.h>
#include <sys/wait.h>
#include <unistd.h>

#define SAID_MAX ((size_t)1 << 20)

/* In the child: becomes the program. The pipe `failed` tells why it could not. */
static void become(const char *folder, const char *const *arguments, int output, int failed)
{
    int input = open("/dev/null", O_RDONLY | O_CLOEXEC);
    if (chdir(folder) == 0 && dup2(input, 0) == 0 && dup2(output, 1) == 1 && dup2(output, 2) == 2)
        execvp(arguments[0], (char *const *)arguments);
    int why = errno;
    if (write(failed, &why, sizeof(why)) < 0)
        _exit(126);
    _exit(127);
}

static int start(struct build *build, const char *folder, const char *const *arguments,
                 const int output[2], const int failed[2], struct error *err)
{
    int why = 0;
    build->process = fork();
    if (build->process == 0)
        become(folder, arguments, output[1], failed[1]);
    close(output[1]);
    close(failed[1]);
    ssize_t got = build->process > 0 ? read(failed[0], &why, sizeof(why)) : -1;
    close(failed[0]);
    if (build->process > 0 && got == 0) {
        build->fd = output[0];
        return ST_OK;
    }
    if (build->process > 0)
        waitpid(build->process, NULL, 0);
    close(output[0]);
    return error_set(err, ST_UNAVAILABLE, "%s cannot be started: %s", arguments[0],
                     strerror(why ? why : errno));
}

int build_start(struct build *build, const char *folder, const char *const *arguments,
                struct error *err)
{
    int output[2], failed[2];
    *build = (struct build){.fd = -1};
    if (pipe2(output, O_CLOEXEC | O_NONBLOCK) != 0)
        return error_set(err, ST_UNAVAILABLE, "no pipe can be made: %s", strerror(errno));
    /* The child writes as if to a terminal: it waits when the pipe is full. */
    fcntl(output[1], F_SETFL, 0);
    if (pipe2(failed, O_CLOEXEC) != 0) {
        close(output[0]);
        close(output[1]);
        return error_set(err, ST_UNAVAILABLE, "no pipe can be made: %s", strerror(errno));
    }
    return start(build, folder, arguments, output, failed, err);
}

bool build_take(struct build *build, bool *good)
{
    char block[8192];
    int status = 0;
    ssize_t got;
    while ((got = read(build->fd, block, sizeof(block))) > 0)
        if (build->said.len < SAID_MAX)
            buffer_add(&build->said, block, (size_t)got);
    if (got < 0 && (errno == EAGAIN || errno == EINTR))
        return false;
    close(build->fd);
    build->fd = -1;
    *good = waitpid(build->process, &status, 0) > 0 && WIFEXITED(status) &&
            WEXITSTATUS(status) == 0;
    return true;
}

bool build_wait(struct build *build)
{
    bool good = false, ended = false;
    while (!ended) {
        struct pollfd one = {.fd = build->fd, .events = POLLIN};
        poll(&one, 1, -1);
        ended = build_take(build, &good);
    }
    return good;
}

void build_close(struct build *build)
{
    if (build->fd >= 0) {
        kill(build->process, SIGTERM);
        close(build->fd);
        waitpid(build->process, NULL, 0);
        build->fd = -1;
    }
    buffer_clear(&build->said);
}
