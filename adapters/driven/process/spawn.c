/*
 * Starting a program. Not by uv_spawn and not by posix_spawn: neither sets limits, no_new_privs or a
 * parent-death signal between fork and exec. vfork, because fork would copy the page tables of a
 * process that may be large, and hold up the loop for it. What the child does until exec shares our
 * memory: it calls nothing but the kernel, writes no memory of ours but its own stack, and all
 * signals are blocked, so that no handler of ours runs in it.
 */
#include <errno.h>
#include <fcntl.h>
#include <signal.h>
#include <string.h>
#include <sys/prctl.h>
#include <sys/stat.h>
#include <sys/syscall.h>
#include <sys/wait.h>
#include <unistd.h>

#include "adapters/driven/process/inside.h"

#ifndef CLOSE_RANGE_CLOEXEC
#define CLOSE_RANGE_CLOEXEC (1u << 2)
#endif

#define FILE_BYTES_MAX ((rlim_t)1 << 30)
#define CONFINED_FILE_BYTES_MAX ((rlim_t)50 << 20)
#define OPEN_FILES_MAX 1024u
#define LAST_DESCRIPTOR 65536u

/* All that the child needs, made before. */
struct plan {
    const struct command *command;
    const struct confinement *confinement; /* or NULL */
    const char *folder;
    pid_t parent;
    int in, out, err, told; /* ends of the child; through the last it says why exec failed */
    struct rlimit memory, cpu;
};

static void limit(__rlimit_resource_t resource, rlim_t most)
{
    const struct rlimit both = {most, most};
    setrlimit(resource, &both);
}

/* RLIMIT_NPROC is left alone: it counts all processes of the user. RLIMIT_DATA and not RLIMIT_AS:
 * several runtimes reserve address space that they never use. */
static void limit_all(const struct plan *p)
{
    limit(RLIMIT_CORE, 0);
    limit(RLIMIT_FSIZE, FILE_BYTES_MAX);
    limit(RLIMIT_NOFILE, OPEN_FILES_MAX);
    setrlimit(RLIMIT_DATA, &p->memory);
    setrlimit(RLIMIT_CPU, &p->cpu);
}

/* Ours stay ours; `told` must last until exec. */
static void hide_descriptors(void)
{
    if (syscall(SYS_close_range, 3u, ~0u, CLOSE_RANGE_CLOEXEC) == 0)
        return;
    for (int fd = 3; fd < (int)LAST_DESCRIPTOR; fd++)
        fcntl(fd, F_SETFD, FD_CLOEXEC);
}

static void reset_signals(void)
{
    struct sigaction standard = {.sa_handler = SIG_DFL};
    sigset_t none;
    for (int number = 1; number < NSIG; number++)
        sigaction(number, &standard, NULL);
    sigemptyset(&none);
    sigprocmask(SIG_SETMASK, &none, NULL);
}

static int enter_folder(const struct plan *p)
{
    bool given = p->confinement && p->confinement->folder >= 0;
    return given ? fchdir(p->confinement->folder) : chdir(p->folder);
}

/* The limit of descriptors is below that of the program, see sandbox/program.h. */
static int become_confined(const struct confinement *c)
{
    limit(RLIMIT_NOFILE, SANDBOX_PROGRAM_DESCRIPTORS_MAX);
    limit(RLIMIT_FSIZE, CONFINED_FILE_BYTES_MAX);
    int reason = sandbox_program_enter(&c->sandbox);
    return reason ? reason : sandbox_program_start(c->arguments, c->environment);
}

static int become(const struct plan *p)
{
    if (prctl(PR_SET_PDEATHSIG, SIGKILL) || getppid() != p->parent)
        return errno ? errno : ESRCH; /* we may have ended before the line above */
    if (setsid() < 0 || enter_folder(p))
        return errno;
    if (dup2(p->in, 0) < 0 || dup2(p->out, 1) < 0 || dup2(p->err, 2) < 0)
        return errno;
    hide_descriptors();
    if (p->confinement &&
        dup3(p->confinement->program, SANDBOX_PROGRAM_DESCRIPTOR, O_CLOEXEC) < 0)
        return errno;
    umask(077);
    limit_all(p);
    if (prctl(PR_SET_NO_NEW_PRIVS, 1, 0, 0, 0))
        return errno;
    reset_signals();
    if (p->confinement)
        return become_confined(p->confinement);
    execve(p->command->path, p->command->arguments, p->command->environment);
    return errno;
}

static void run_child(const struct plan *p)
{
    errno = 0;
    int reason = become(p);
    ssize_t written = write(p->told, &reason, sizeof(reason));
    _exit(written == sizeof(reason) ? 127 : 126);
}

static pid_t start(const struct plan *p)
{
    sigset_t all, before;
    sigfillset(&all);
    pthread_sigmask(SIG_SETMASK, &all, &before);
    pid_t pid = vfork();
    if (pid == 0)
        run_child(p);
    int reason = errno;
    pthread_sigmask(SIG_SETMASK, &before, NULL);
    errno = reason;
    return pid;
}

enum { IN_THEIRS, IN_OURS, OUT_OURS, OUT_THEIRS, ERR_OURS, ERR_THEIRS, TOLD_OURS, TOLD_THEIRS, ENDS };

static void close_ends(int ends[ENDS])
{
    for (int i = 0; i < ENDS; i++)
        if (ends[i] >= 0)
            close(ends[i]);
}

/* Non-blocking on our side alone. A descriptor below 3 would be overwritten in the child. */
static bool open_ends(const struct command *c, int ends[ENDS])
{
    bool ok = true;
    for (int i = 0; i < ENDS; i++)
        ends[i] = -1;
    if (c->stdin_mode == STDIN_NONE)
        ok = (ends[IN_THEIRS] = open("/dev/null", O_RDONLY | O_CLOEXEC)) >= 0;
    else
        ok = pipe2(&ends[IN_THEIRS], O_CLOEXEC) == 0;
    ok = ok && pipe2(&ends[OUT_OURS], O_CLOEXEC) == 0 && pipe2(&ends[ERR_OURS], O_CLOEXEC) == 0 &&
         pipe2(&ends[TOLD_OURS], O_CLOEXEC) == 0;
    static const int ours[] = {IN_OURS, OUT_OURS, ERR_OURS};
    for (size_t i = 0; ok && i < 3; i++)
        ok = ends[ours[i]] < 0 || fcntl(ends[ours[i]], F_SETFL, O_NONBLOCK) == 0;
    for (int i = 0; ok && i < ENDS; i++)
        if (ends[i] >= 0 && ends[i] < 3) {
            errno = EBADF;
            ok = false;
        }
    return ok;
}

/* Why exec failed; 0 if it did not. */
static int reason_of(int fd)
{
    int reason = 0;
    ssize_t got;
    do
        got = read(fd, &reason, sizeof(reason));
    while (got < 0 && errno == EINTR);
    return got == sizeof(reason) ? reason : 0;
}

static void reap(pid_t pid)
{
    kill(pid, SIGKILL);
    while (waitpid(pid, NULL, 0) < 0 && errno == EINTR)
        ;
}

/* A pidfd cannot name another process by mistake: nobody else reaps our child. */
static int finish(const struct command *c, pid_t pid, int ends[ENDS], struct child *out,
                  struct error *err)
{
    int reason = reason_of(ends[TOLD_OURS]);
    int pidfd = reason ? -1 : (int)syscall(SYS_pidfd_open, pid, 0);
    if (!reason && pidfd < 0)
        reason = errno;
    if (reason) {
        reap(pid);
        return error_set(err, ST_UNAVAILABLE, "%s cannot be started: %s", c->path,
                         strerror(reason));
    }
    *out = (struct child){pid, pidfd, ends[IN_OURS], ends[OUT_OURS], ends[ERR_OURS]};
    ends[IN_OURS] = ends[OUT_OURS] = ends[ERR_OURS] = -1;
    return ST_OK;
}

int process_spawn(const struct command *c, const struct confinement *confinement,
                  const char *folder, struct child *out, struct error *err)
{
    int ends[ENDS];
    rlim_t memory = c->memory_bytes ? c->memory_bytes : MEMORY_DEFAULT;
    rlim_t cpu = c->cpu_seconds ? c->cpu_seconds : CPU_DEFAULT;
    int rc = ST_UNAVAILABLE;
    bool ok = open_ends(c, ends);
    struct plan plan = {.command = c,
                        .confinement = confinement,
                        .folder = folder,
                        .parent = getpid(),
                        .in = ends[IN_THEIRS],
                        .out = ends[OUT_THEIRS],
                        .err = ends[ERR_THEIRS],
                        .told = ends[TOLD_THEIRS],
                        .memory = {memory, memory},
                        .cpu = {cpu, cpu + 1}};
    pid_t pid = ok ? start(&plan) : -1;
    if (pid < 0)
        error_set(err, ST_UNAVAILABLE, "%s cannot be started: %s", c->path, strerror(errno));
    if (ends[TOLD_THEIRS] >= 0) {
        close(ends[TOLD_THEIRS]);
        ends[TOLD_THEIRS] = -1;
    }
    if (pid > 0)
        rc = finish(c, pid, ends, out, err);
    close_ends(ends);
    return rc;
}
