/* Programs, processes and signals: what a plugin must neither start nor touch. */
#include "tests/adapters/plugin_host/sandbox/stage.h"

#include <fcntl.h>
#include <linux/sched.h>
#include <pthread.h>
#include <sched.h>
#include <signal.h>
#include <spawn.h>
#include <sys/mman.h>
#include <sys/prctl.h>
#include <sys/ptrace.h>
#include <sys/resource.h>
#include <sys/syscall.h>
#include <sys/uio.h>
#include <sys/wait.h>

extern char **environ;

static char *const arguments[] = {(char *)(uintptr_t)"true", NULL};

static int start_program(const struct stage *stage)
{
    (void)stage;
    execve("/bin/true", arguments, environ);
    return errno;
}

/* A program that is no file. */
static int start_from_memory(const struct stage *stage)
{
    int fd = memfd_create("program", 0);
    (void)stage;
    if (write(fd, "#!/bin/true\n", 12) != 12)
        return errno;
    fexecve(fd, arguments, environ);
    return errno;
}

/* What system() gives when it cannot start the shell: the status of an exit with 127. */
enum { NO_SHELL = 127 << 8 };

static int start_by_shell(const struct stage *stage)
{
    int status = system("true");
    (void)stage;
    return status < 0 ? errno : status;
}

static int spawn_program(const struct stage *stage)
{
    pid_t child;
    (void)stage;
    int error = posix_spawn(&child, "/bin/true", NULL, NULL, arguments, environ);
    if (error == 0)
        waitpid(child, NULL, 0);
    return error;
}

/* For fork and friends: the child ends at once. */
static int started(long child)
{
    if (child == 0)
        _exit(0);
    if (child < 0)
        return errno;
    waitpid((pid_t)child, NULL, 0);
    return 0;
}

static int start_process(const struct stage *stage)
{
    (void)stage;
    return started(fork());
}

static int start_vfork(const struct stage *stage)
{
    (void)stage;
    pid_t child = vfork();
    if (child == 0)
        _exit(0);
    return started(child);
}

static int start_by_clone(const struct stage *stage)
{
    (void)stage;
    return started(syscall(SYS_clone, SIGCHLD, 0, 0, 0, 0));
}

static int start_in_namespace(const struct stage *stage)
{
    (void)stage;
    return started(syscall(SYS_clone, SIGCHLD | CLONE_NEWUSER, 0, 0, 0, 0));
}

static int start_by_clone3(const struct stage *stage)
{
    struct clone_args how = {.exit_signal = SIGCHLD};
    (void)stage;
    return started(syscall(SYS_clone3, &how, sizeof(how)));
}

static int trace_victim(const struct stage *stage)
{
    return TRY(ptrace(PTRACE_SEIZE, stage->victim, NULL, NULL));
}

static int read_victims_memory(const struct stage *stage)
{
    char bytes[8];
    struct iovec to = {bytes, sizeof(bytes)}, from = {(void *)(uintptr_t)&arguments, sizeof(bytes)};
    return TRY(process_vm_readv(stage->victim, &to, 1, &from, 1, 0));
}

static int write_victims_memory(const struct stage *stage)
{
    char bytes[8] = "";
    struct iovec from = {bytes, 0}, to = {bytes, 0};
    return TRY(process_vm_writev(stage->victim, &from, 1, &to, 1, 0));
}

static int open_victim(const struct stage *stage)
{
    return TRY(syscall(SYS_pidfd_open, stage->victim, 0));
}

static int take_descriptor(const struct stage *stage)
{
    (void)stage;
    return TRY(syscall(SYS_pidfd_getfd, -1, 0, 0));
}

static int signal_by_descriptor(const struct stage *stage)
{
    int fd = stage->outside ? (int)syscall(SYS_pidfd_open, stage->victim, 0) : stage->pair[0];
    return TRY(syscall(SYS_pidfd_send_signal, fd, 0, NULL, 0));
}

static int kill_parent(const struct stage *stage)
{
    (void)stage;
    return TRY(kill(getppid(), 0));
}

static int kill_victim(const struct stage *stage)
{
    return TRY(kill(stage->victim, SIGWINCH));
}

static int kill_group(const struct stage *stage)
{
    (void)stage;
    return TRY(kill(0, 0));
}

static int kill_all(const struct stage *stage)
{
    (void)stage;
    return TRY(kill(-1, 0));
}

static int signal_thread(const struct stage *stage)
{
    return TRY(syscall(SYS_tgkill, stage->victim, stage->victim, SIGWINCH));
}

static int signal_any_thread(const struct stage *stage)
{
    return TRY(syscall(SYS_tkill, stage->victim, SIGWINCH));
}

static int queue_signal(const struct stage *stage)
{
    return TRY(sigqueue(stage->victim, SIGWINCH, (union sigval){0}));
}

/* Its own number with more bits above: the kernel looks at the lower half only. */
static int kill_with_high_bits(const struct stage *stage)
{
    return TRY(syscall(SYS_kill, (1L << 32) | stage->victim, SIGWINCH));
}

/* The kernel sends SIGIO to whom a descriptor belongs. */
static int own_descriptor_by_victim(const struct stage *stage)
{
    return TRY(fcntl(stage->pair[0], F_SETOWN, stage->victim));
}

static int limit_victim(const struct stage *stage)
{
    struct rlimit limit;
    return TRY(prlimit(stage->victim, RLIMIT_NOFILE, NULL, &limit));
}

static int move_victim(const struct stage *stage)
{
    cpu_set_t all;
    memset(&all, 0xff, sizeof(all));
    return TRY(sched_setaffinity(stage->victim, sizeof(all), &all));
}

static int slow_victim(const struct stage *stage)
{
    return TRY(setpriority(PRIO_PROCESS, (id_t)stage->victim, 5));
}

static int leave_session(const struct stage *stage)
{
    (void)stage;
    return TRY(setsid());
}

static int raise_limit(const struct stage *stage)
{
    struct rlimit limit = {1 << 20, 1 << 20};
    (void)stage;
    return TRY(setrlimit(RLIMIT_CORE, &limit));
}

static int take_more_memory(const struct stage *stage)
{
    (void)stage;
    void *block = mmap(NULL, (size_t)1 << 30, PROT_READ, MAP_PRIVATE | MAP_ANONYMOUS, -1, 0);
    return block == MAP_FAILED ? errno : 0;
}

static void *open_socket_of_thread(void *result)
{
    sigset_t all;
    sigfillset(&all);
    pthread_sigmask(SIG_BLOCK, &all, NULL);
    *(int *)result = started(fork());
    return NULL;
}

/* Threads of libraries often block all signals; that must not turn a refusal into a death. */
static int start_from_deaf_thread(const struct stage *stage)
{
    pthread_t thread;
    int result = 0;
    (void)stage;
    pthread_create(&thread, NULL, open_socket_of_thread, &result);
    pthread_join(thread, NULL);
    return result;
}

#define PROGRAM "tried to start a program"
#define PROCESS "tried to start a process"
#define OTHER "tried to reach into another process"
#define SIGNAL "tried to send a signal to another process"

static const struct attack attacks[] = {
    {"starting a program", start_program, EPERM, PROGRAM, 0, 0},
    {"starting a program from memory", start_from_memory, EPERM, PROGRAM, 0, 0},
    {"starting a program by a shell", start_by_shell, NO_SHELL, NULL, 0, 0},
    {"spawning a program", spawn_program, EPERM, NULL, 0, 0},
    {"fork", start_process, EPERM, PROCESS, 0, 0},
    {"vfork", start_vfork, EPERM, PROCESS, 0, 0},
    {"clone", start_by_clone, EPERM, PROCESS, 0, 0},
    {"clone into a namespace", start_in_namespace, EPERM, PROCESS, CONTROL_DIFFERS, 0},
    {"clone3", start_by_clone3, ENOSYS, NULL, 0, 0},
    {"fork in a thread that blocks all signals", start_from_deaf_thread, EPERM, PROCESS, 0, 0},
    {"tracing a process", trace_victim, EPERM, OTHER, 0, 0},
    {"reading another process's memory", read_victims_memory, EPERM, OTHER, 0, 0},
    {"writing another process's memory", write_victims_memory, EPERM, OTHER, 0, 0},
    {"opening another process", open_victim, EPERM, OTHER, 0, 0},
    {"taking a descriptor of another process", take_descriptor, EPERM, OTHER, EBADF, 0},
    {"a signal by a descriptor", signal_by_descriptor, EPERM, SIGNAL, 0, 0},
    {"a signal to the parent", kill_parent, EPERM, SIGNAL, 0, 0},
    {"a signal to another process", kill_victim, EPERM, SIGNAL, 0, 0},
    {"a signal to the group", kill_group, EPERM, SIGNAL, 0, 0},
    {"a signal to all", kill_all, EPERM, SIGNAL, 0, 0},
    {"a signal to another thread", signal_thread, EPERM, SIGNAL, 0, 0},
    {"a signal by tkill", signal_any_thread, EPERM, SIGNAL, 0, 0},
    {"a queued signal", queue_signal, EPERM, SIGNAL, 0, 0},
    {"a signal with more bits than a number has", kill_with_high_bits, EPERM, SIGNAL, 0, 0},
    {"signals of a descriptor", own_descriptor_by_victim, EPERM, NULL, 0, 0},
    {"limits of another process", limit_victim, EPERM, NULL, 0, 0},
    {"the processor of another process", move_victim, EPERM, NULL, 0, 0},
    {"the priority of another process", slow_victim, EPERM, NULL, 0, 0},
    {"leaving the session", leave_session, EPERM, NULL, 0, 0},
    {"memory beyond the limit", take_more_memory, ENOMEM, NULL, 0, 0},
    {"raising a limit", raise_limit, EPERM, NULL, 0, 0},
};

int main(void)
{
    return stage_attacks("processes", attacks, sizeof(attacks) / sizeof(attacks[0]));
}
