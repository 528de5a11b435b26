#include <errno.h>
#include <fcntl.h>
#include <linux/magic.h>
#include <signal.h>
#include <stdio.h>
#include <string.h>
#include <sys/stat.h>
#include <sys/vfs.h>
#include <unistd.h>

#include "adapters/driving/stdio/wire.h"

/* Descriptor 2 must be something, or the next file that is opened would get the number and the log.
 * Children inherit it like any stderr. 0 and 1 are open when this is called. */
static int fill_closed_stderr(void)
{
    if (fcntl(STDERR_FILENO, F_GETFD) >= 0)
        return 0;
    return open("/dev/null", O_RDWR) == STDERR_FILENO ? 0 : -1;
}

static int move_up(int fd)
{
    int moved = fcntl(fd, F_DUPFD_CLOEXEC, PRIVATE_FD);
    close(fd);
    return moved;
}

/* Opens what `fd` refers to once more: a description of our own, so that O_NONBLOCK is seen by
 * nobody else. */
static int open_anew(int fd, int access)
{
    char path[32];
    snprintf(path, sizeof(path), "/proc/self/fd/%d", fd);
    int own = open(path, access | O_NONBLOCK | O_CLOEXEC | O_NOCTTY);
    return own < 0 ? -1 : move_up(own);
}

static bool can_be_polled(const struct stat *st, int fd)
{
    return S_ISFIFO(st->st_mode) || (S_ISCHR(st->st_mode) && isatty(fd));
}

/* A named fifo whose writer has gone already tells no hangup to somebody who opens it now. */
static bool is_named_fifo(int fd)
{
    struct stat st;
    struct statfs fs;
    return !fstat(fd, &st) && S_ISFIFO(st.st_mode) && !fstatfs(fd, &fs) &&
           fs.f_type != PIPEFS_MAGIC;
}

static int claim_stream(int fd, int access, struct wire_end *end)
{
    end->kind = WIRE_STREAM;
    end->restore_flags = -1;
    end->fd = access == O_RDONLY && is_named_fifo(fd) ? -1 : open_anew(fd, access);
    if (end->fd >= 0)
        return 0;
    end->fd = fcntl(fd, F_DUPFD_CLOEXEC, PRIVATE_FD);
    end->restore_flags = fcntl(fd, F_GETFL);
    if (end->fd < 0 || end->restore_flags < 0)
        return -1;
    return fcntl(end->fd, F_SETFL, end->restore_flags | O_NONBLOCK);
}

static int claim_end(int fd, int access, struct wire_end *end)
{
    struct stat st;
    if (fstat(fd, &st))
        return -1;
    if (can_be_polled(&st, fd))
        return claim_stream(fd, access, end);
    end->kind = S_ISSOCK(st.st_mode) ? WIRE_SOCKET : WIRE_FILE;
    end->restore_flags = -1;
    end->fd = fcntl(fd, F_DUPFD_CLOEXEC, PRIVATE_FD);
    return end->fd < 0 ? -1 : 0;
}

/* True if both lead to the same pipe, socket, terminal or file. */
static bool same_place(int a, int b)
{
    struct stat x, y;
    return !fstat(a, &x) && !fstat(b, &y) && x.st_dev == y.st_dev && x.st_ino == y.st_ino;
}

static int redirect_standard(void)
{
    int null = open("/dev/null", O_RDWR | O_CLOEXEC);
    if (null < 0)
        return -1;
    bool shared = same_place(STDOUT_FILENO, STDERR_FILENO);
    bool terminal = isatty(STDERR_FILENO);
    int rc = dup2(null, STDIN_FILENO);
    if (rc >= 0)
        rc = dup2(shared ? null : STDERR_FILENO, STDOUT_FILENO);
    /* On a terminal a person reads both and wants to see the log. */
    if (rc >= 0 && shared && !terminal)
        rc = dup2(null, STDERR_FILENO);
    close(null);
    return rc < 0 ? -1 : 0;
}

int stdio_claim(struct stdio_wire_ends *out, struct error *err)
{
    struct stdio_wire_ends ends = {
        .in.restore_flags = -1, .out.restore_flags = -1, .parent = getppid()};
    signal(SIGPIPE, SIG_IGN);
    if (fcntl(STDIN_FILENO, F_GETFD) < 0 || fcntl(STDOUT_FILENO, F_GETFD) < 0)
        return error_set(err, ST_UNAVAILABLE,
                         "standard %s is closed; start the server with a pipe for input and output",
                         fcntl(STDIN_FILENO, F_GETFD) < 0 ? "input" : "output");
    if (fill_closed_stderr() || claim_end(STDIN_FILENO, O_RDONLY, &ends.in) ||
        claim_end(STDOUT_FILENO, O_WRONLY, &ends.out) || redirect_standard()) {
        int failed = errno;
        stdio_restore(&ends);
        return error_set(err, ST_UNAVAILABLE, "cannot take over standard input and output: %s",
                         strerror(failed));
    }
    *out = ends;
    return ST_OK;
}

void stdio_restore(const struct stdio_wire_ends *ends)
{
    /* The later first: if both are one description, it was taken with the earlier's change. */
    if (ends->out.restore_flags >= 0)
        fcntl(ends->out.fd, F_SETFL, ends->out.restore_flags);
    if (ends->in.restore_flags >= 0)
        fcntl(ends->in.fd, F_SETFL, ends->in.restore_flags);
}
