/* Starting a server, and those it leaves behind. */
#include <dirent.h>
#include <errno.h>
#include <fcntl.h>
#include <signal.h>
#include <spawn.h>
#include <stdio.h>
#include <stdlib.h>
#include <sys/wait.h>
#include <time.h>
#include <unistd.h>

#include "adapters/driving/doctor/peer_parts.h"

extern char **environ;

struct ends {
    int in[2], out[2], err[2];
};

static void close_pair(int *pair)
{
    for (int i = 0; i < 2; i++)
        if (pair[i] >= 0)
            close(pair[i]);
}

static void close_all(struct ends *ends)
{
    close_pair(ends->in);
    close_pair(ends->out);
    close_pair(ends->err);
}

static int open_ends(struct ends *ends)
{
    *ends = (struct ends){{-1, -1}, {-1, -1}, {-1, -1}};
    if (pipe2(ends->in, O_CLOEXEC) || pipe2(ends->out, O_CLOEXEC) || pipe2(ends->err, O_CLOEXEC))
        return -1;
    fcntl(ends->in[1], F_SETFL, O_NONBLOCK);
    fcntl(ends->out[0], F_SETFL, O_NONBLOCK);
    fcntl(ends->err[0], F_SETFL, O_NONBLOCK);
    return 0;
}

/* A group of its own, and signals as a program expects to find them. */
static int spawn(char *const *command, const struct ends *ends, pid_t *pid)
{
    posix_spawn_file_actions_t files;
    posix_spawnattr_t how;
    sigset_t set;
    posix_spawn_file_actions_init(&files);
    posix_spawn_file_actions_adddup2(&files, ends->in[0], STDIN_FILENO);
    posix_spawn_file_actions_adddup2(&files, ends->out[1], STDOUT_FILENO);
    posix_spawn_file_actions_adddup2(&files, ends->err[1], STDERR_FILENO);
    posix_spawnattr_init(&how);
    posix_spawnattr_setflags(&how, POSIX_SPAWN_SETPGROUP | POSIX_SPAWN_SETSIGDEF |
                                       POSIX_SPAWN_SETSIGMASK);
    posix_spawnattr_setpgroup(&how, 0);
    sigemptyset(&set);
    posix_spawnattr_setsigmask(&how, &set);
    sigaddset(&set, SIGPIPE);
    posix_spawnattr_setsigdefault(&how, &set);
    int rc = posix_spawnp(pid, command[0], &files, &how, command, environ);
    posix_spawnattr_destroy(&how);
    posix_spawn_file_actions_destroy(&files);
    return rc;
}

int peer_start(char *const *command, struct observed *observed, struct peer **out,
               struct error *err)
{
    struct ends ends;
    struct peer *peer = calloc(1, sizeof(*peer));
    if (!peer)
        return error_set(err, ST_NOMEM, "out of memory");
    int rc = open_ends(&ends) ? errno : spawn(command, &ends, &peer->pid);
    if (rc) {
        close_all(&ends);
        free(peer);
        return error_set(err, ST_NOT_FOUND, "\"%s\" cannot be started: %s", command[0],
                         strerror(rc));
    }
    close(ends.in[0]);
    close(ends.out[1]);
    close(ends.err[1]);
    peer->in = ends.in[1];
    peer->out = ends.out[0];
    peer->err = ends.err[0];
    peer->observed = observed;
    guard_begin(peer->pid);
    observed->runs++;
    *out = peer;
    return ST_OK;
}

/* Reads parent, state and name out of /proc/PID/stat: "12 (name) S 1 ...". */
static bool read_stat(pid_t pid, pid_t *parent, char *state, char *name, size_t room)
{
    char path[40], text[512];
    snprintf(path, sizeof(path), "/proc/%d/stat", (int)pid);
    FILE *file = fopen(path, "re");
    if (!file)
        return false;
    size_t len = fread(text, 1, sizeof(text) - 1, file);
    fclose(file);
    text[len] = '\0';
    char *open = strchr(text, '('), *close = strrchr(text, ')');
    if (!open || !close)
        return false;
    snprintf(name, room, "%.*s", (int)(close - open - 1), open + 1);
    int value;
    if (sscanf(close + 1, " %c %d", state, &value) != 2)
        return false;
    *parent = (pid_t)value;
    return true;
}

static void end_child(pid_t pid)
{
    kill(pid, SIGKILL);
    while (waitpid(pid, NULL, 0) < 0 && errno == EINTR)
        continue;
}

size_t children_besides(pid_t known, bool end, char *names, size_t room)
{
    size_t count = 0, used = 0;
    DIR *folder = opendir("/proc");
    struct dirent *entry;
    while (folder && (entry = readdir(folder))) {
        pid_t pid = (pid_t)strtol(entry->d_name, NULL, 10), parent;
        char state, name[64];
        if (pid <= 0 || pid == known || !read_stat(pid, &parent, &state, name, sizeof(name)) ||
            parent != getpid())
            continue;
        if (state == 'Z' || end)
            end_child(pid);
        count += state != 'Z';
        if (state != 'Z' && used < room)
            used += (size_t)snprintf(names + used, room - used, "%s%s (%d)", used ? ", " : "",
                                     name, (int)pid);
    }
    if (folder)
        closedir(folder);
    return count;
}

size_t peer_orphans(struct peer *peer, uint32_t ms, char *names, size_t room)
{
    int64_t until = peer_now() + ms;
    size_t count;
    while ((count = children_besides(peer->pid, false, names, room)) && peer_now() < until)
        nanosleep(&(struct timespec){0, 50000000}, NULL);
    return count;
}
