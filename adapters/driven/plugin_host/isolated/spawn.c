#include "adapters/driven/plugin_host/isolated/spawn.h"

#include <errno.h>
#include <fcntl.h>
#include <signal.h>
#include <spawn.h>
#include <string.h>
#include <sys/socket.h>
#include <sys/syscall.h>
#include <sys/wait.h>
#include <unistd.h>

#include "adapters/driven/plugin_host/wire/start.h"

/* Above what the helper's own descriptors are numbered. */
#define FD_MIN 16

/* Both ends of what connects the two, and the plugin's file. */
struct ends {
    int wire[2], output[2], report[2], plugin;
};

static void close_all(struct ends *e)
{
    int *fds = (int *)e;
    for (size_t i = 0; i < sizeof(*e) / sizeof(int); i++)
        if (fds[i] >= 0)
            close(fds[i]);
}

/* So that no duplication in the child overwrites one that is still needed. */
static bool lift(int *fd)
{
    int high = fcntl(*fd, F_DUPFD_CLOEXEC, FD_MIN);
    if (high < 0)
        return false;
    close(*fd);
    *fd = high;
    return true;
}

static bool open_ends(struct ends *e, int plugin)
{
    *e = (struct ends){{-1, -1}, {-1, -1}, {-1, -1}, -1};
    e->plugin = fcntl(plugin, F_DUPFD_CLOEXEC, FD_MIN);
    return e->plugin >= 0 &&
           socketpair(AF_UNIX, SOCK_SEQPACKET | SOCK_CLOEXEC, 0, e->wire) == 0 &&
           pipe2(e->output, O_CLOEXEC) == 0 && pipe2(e->report, O_CLOEXEC) == 0 &&
           lift(&e->wire[1]) && lift(&e->output[1]) && lift(&e->report[1]) &&
           fcntl(e->output[0], F_SETFL, O_NONBLOCK) == 0 &&
           fcntl(e->report[0], F_SETFL, O_NONBLOCK) == 0;
}

static int add_actions(posix_spawn_file_actions_t *a, const struct ends *e)
{
    int rc = posix_spawn_file_actions_addopen(a, STDIN_FILENO, "/dev/null", O_RDONLY, 0);
    if (!rc)
        rc = posix_spawn_file_actions_adddup2(a, e->output[1], STDOUT_FILENO);
    if (!rc)
        rc = posix_spawn_file_actions_adddup2(a, e->output[1], STDERR_FILENO);
    if (!rc)
        rc = posix_spawn_file_actions_adddup2(a, e->wire[1], HELPER_WIRE);
    if (!rc)
        rc = posix_spawn_file_actions_adddup2(a, e->plugin, HELPER_PLUGIN);
    if (!rc)
        rc = posix_spawn_file_actions_adddup2(a, e->report[1], HELPER_REPORT);
    return rc ? rc : posix_spawn_file_actions_addclosefrom_np(a, HELPER_FDS);
}

/* A session of its own, so that no terminal's signal reaches it, and every signal as at first. */
static int set_attributes(posix_spawnattr_t *a)
{
    sigset_t none, all;
    sigemptyset(&none);
    sigfillset(&all);
    posix_spawnattr_setsigmask(a, &none);
    posix_spawnattr_setsigdefault(a, &all);
    return posix_spawnattr_setflags(a, POSIX_SPAWN_SETSID | POSIX_SPAWN_SETSIGMASK |
                                           POSIX_SPAWN_SETSIGDEF);
}

static int start(const char *program, const struct ends *e, char *const *environment, pid_t *pid)
{
    posix_spawn_file_actions_t actions;
    posix_spawnattr_t attributes;
    char *const arguments[] = {(char *)(uintptr_t)program, NULL};
    posix_spawn_file_actions_init(&actions);
    posix_spawnattr_init(&attributes);
    int rc = add_actions(&actions, e);
    if (!rc)
        rc = set_attributes(&attributes);
    if (!rc)
        rc = posix_spawn(pid, program, &actions, &attributes, arguments, environment);
    posix_spawn_file_actions_destroy(&actions);
    posix_spawnattr_destroy(&attributes);
    return rc;
}

static int fail(const char *program, int why, struct error *err)
{
    return error_set(err, ST_UNAVAILABLE, "cannot start its helper %.300s: %s", program,
                     strerror(why));
}

int spawn_helper(const char *program, int plugin, char *const *environment, struct spawned *out,
                 struct error *err)
{
    struct ends e;
    int rc = open_ends(&e, plugin) ? 0 : errno;
    if (!rc)
        rc = start(program, &e, environment, &out->pid);
    if (rc) {
        close_all(&e);
        return fail(program, rc, err);
    }
    out->pidfd = (int)syscall(SYS_pidfd_open, out->pid, 0);
    if (out->pidfd < 0) {
        rc = errno;
        kill(out->pid, SIGKILL);
        waitpid(out->pid, NULL, 0);
        close_all(&e);
        return fail(program, rc, err);
    }
    close(e.plugin);
    close(e.wire[1]);
    close(e.output[1]);
    close(e.report[1]);
    out->wire = e.wire[0];
    out->output = e.output[0];
    out->report = e.report[0];
    return ST_OK;
}
