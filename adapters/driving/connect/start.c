/*
 * Starts a server where none listens. Of many that want one at the same time, the one that has the
 * lock starts it; the others wait until it listens.
 */
#include <errno.h>
#include <fcntl.h>
#include <limits.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <sys/file.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include <sys/un.h>
#include <sys/wait.h>
#include <unistd.h>

#include "adapters/driving/connect/bridge.h"

/* What a server said before is of no use for ever. */
#define LOG_MAX ((off_t)1024 * 1024)

/* False: somebody else has it, or s->lock_failed says why it cannot be had. */
static bool take_lock(struct bridge *b)
{
    struct starting *s = &b->starting;
    char path[sizeof(((struct sockaddr_un *)0)->sun_path) + 8];
    if (s->lock >= 0)
        return true;
    snprintf(path, sizeof(path), "%s.lock", b->options->socket);
    int fd = open(path, O_RDWR | O_CREAT | O_CLOEXEC | O_NOFOLLOW, 0600);
    if (fd >= 0 && !flock(fd, LOCK_EX | LOCK_NB)) {
        s->lock = fd;
        return true;
    }
    s->lock_failed = fd < 0 ? errno : 0;
    if (fd >= 0)
        close(fd);
    return false;
}

static int open_log(const char *path)
{
    struct stat st;
    int fd = path ? open(path, O_WRONLY | O_CREAT | O_APPEND | O_NOFOLLOW, 0600) : -1;
    if (fd >= 0 && !fstat(fd, &st) && st.st_size > LOG_MAX && ftruncate(fd, 0))
        lseek(fd, 0, SEEK_END); /* it goes on growing, which harms nobody */
    return fd >= 0 ? fd : open("/dev/null", O_WRONLY);
}

/* In the child: a session of its own, so that nothing that ends ours ends it. */
static _Noreturn void become_server(const struct connect_options *options)
{
    sigset_t none;
    char program[PATH_MAX];
    sigemptyset(&none);
    sigprocmask(SIG_SETMASK, &none, NULL);
    signal(SIGPIPE, SIG_DFL);
    setsid();
    int log = open_log(options->log), null = open("/dev/null", O_RDWR);
    if (log < 0 || null < 0 || dup2(null, 0) < 0 || dup2(null, 1) < 0 || dup2(log, 2) < 0)
        _exit(70);
    close_range(3, ~0U, 0);
    ssize_t len = readlink("/proc/self/exe", program, sizeof(program) - 1);
    program[len > 0 ? len : 0] = '\0';
    execv(program, options->start);
    _exit(70);
}

void start_server(struct bridge *b)
{
    struct starting *s = &b->starting;
    bool had_lock = s->lock >= 0;
    /* Somebody may have started one and let go of the lock since we looked: look once more. */
    if (s->tried || !take_lock(b) || !had_lock)
        return;
    s->tried = true;
    s->status = 0;
    pid_t child = fork();
    if (child == 0)
        become_server(b->options);
    s->child = child > 0 ? child : 0;
}

void start_done(struct bridge *b)
{
    if (b->starting.lock >= 0)
        close(b->starting.lock);
    b->starting.lock = -1;
}

void start_reap(struct bridge *b)
{
    int status;
    struct starting *s = &b->starting;
    if (!s->child || waitpid(s->child, &status, WNOHANG) != s->child)
        return;
    s->child = 0;
    if (s->lock < 0)
        return; /* it was reached, and its end is like that of any server */
    s->status = WIFEXITED(status) ? WEXITSTATUS(status) : 128 + WTERMSIG(status);
    s->tried = s->status != 0; /* it may have found nobody to serve, and ended before we came */
    start_done(b);
    b->link.try_at = 0;
}
