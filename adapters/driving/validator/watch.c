#include "adapters/driving/validator/watch.h"

#include <errno.h>
#include <fcntl.h>
#include <linux/audit.h>
#include <linux/filter.h>
#include <linux/seccomp.h>
#include <sched.h>
#include <signal.h>
#include <stdint.h>
#include <stdio.h>
#include <string.h>
#include <sys/prctl.h>
#include <sys/socket.h>
#include <sys/syscall.h>
#include <ucontext.h>
#include <unistd.h>

/* watch_syscall makes the call at one known place in the code, which the filter lets pass. */
#if defined(__x86_64__)
#define WATCH_ARCH AUDIT_ARCH_X86_64
__asm__(".text\n.globl watch_syscall\n.hidden watch_syscall\n.type watch_syscall,@function\n"
        "watch_syscall:\n"
        "mov %rdi,%rax\nmov %rsi,%rdi\nmov %rdx,%rsi\nmov %rcx,%rdx\nmov %r8,%r10\n"
        "mov %r9,%r8\nxor %r9,%r9\nsyscall\n"
        ".globl watch_syscall_done\n.hidden watch_syscall_done\nwatch_syscall_done:\nret\n"
        ".size watch_syscall,.-watch_syscall\n");
#elif defined(__aarch64__)
#define WATCH_ARCH AUDIT_ARCH_AARCH64
__asm__(".text\n.globl watch_syscall\n.hidden watch_syscall\n.type watch_syscall,%function\n"
        "watch_syscall:\n"
        "mov x8,x0\nmov x0,x1\nmov x1,x2\nmov x2,x3\nmov x3,x4\nmov x4,x5\nmov x5,xzr\nsvc #0\n"
        ".globl watch_syscall_done\n.hidden watch_syscall_done\nwatch_syscall_done:\nret\n"
        ".size watch_syscall,.-watch_syscall\n");
#endif

#ifndef WATCH_ARCH

bool watch_begin(enum watch_scope scope, watch_fn told, void *arg)
{
    (void)scope;
    (void)told;
    (void)arg;
    return false;
}

#else

long watch_syscall(long number, long a, long b, long c, long d, long e);
extern const char watch_syscall_done[];

static struct {
    watch_fn told;
    void *arg;
} watch;

enum object { OBJECT_NONE, OBJECT_PATH, OBJECT_PATH_AT, OBJECT_FAMILY, OBJECT_PROCESS };

/* What is watched, and which argument says on what. */
static const struct watched {
    long number;
    enum watch_scope scope;
    enum object object;
    const char *what;
} watched[] = {
#ifdef SYS_fork
    {SYS_fork, WATCH_HARM, OBJECT_NONE, "start a process"},
    {SYS_vfork, WATCH_HARM, OBJECT_NONE, "start a process"},
#endif
    {SYS_execve, WATCH_HARM, OBJECT_PATH, "start the program"},
    {SYS_execveat, WATCH_HARM, OBJECT_PATH_AT, "start the program"},
    {SYS_ptrace, WATCH_HARM, OBJECT_NONE, "trace a process"},
    {SYS_process_vm_writev, WATCH_HARM, OBJECT_PROCESS, "write into the process"},
    {SYS_setsid, WATCH_HARM, OBJECT_NONE, "leave its session"},
#ifdef SYS_open
    {SYS_open, WATCH_WORLD, OBJECT_PATH, "open"},
    {SYS_creat, WATCH_WORLD, OBJECT_PATH, "make"},
    {SYS_unlink, WATCH_WORLD, OBJECT_PATH, "remove"},
    {SYS_mkdir, WATCH_WORLD, OBJECT_PATH, "make"},
#endif
    {SYS_openat, WATCH_WORLD, OBJECT_PATH_AT, "open"},
#ifdef SYS_openat2
    {SYS_openat2, WATCH_WORLD, OBJECT_PATH_AT, "open"},
#endif
    {SYS_unlinkat, WATCH_WORLD, OBJECT_PATH_AT, "remove"},
    {SYS_mkdirat, WATCH_WORLD, OBJECT_PATH_AT, "make"},
    {SYS_socket, WATCH_WORLD, OBJECT_FAMILY, "open a socket of"},
};

/* Signals to others, by the process that the first argument names. */
static const long signals[] = {
    SYS_kill,
    SYS_tkill,
    SYS_tgkill,
    SYS_rt_sigqueueinfo,
    SYS_rt_tgsigqueueinfo,
#ifdef SYS_pidfd_send_signal
    SYS_pidfd_send_signal,
#endif
};

#define COUNT(array) (sizeof(array) / sizeof((array)[0]))

static const char *family_name(long family)
{
    return family == AF_UNIX      ? "the family AF_UNIX"
           : family == AF_INET    ? "the family AF_INET"
           : family == AF_INET6   ? "the family AF_INET6"
           : family == AF_NETLINK ? "the family AF_NETLINK"
                                  : "another family";
}

/* A relative path with the folder that it starts from. */
static void describe_at(int folder, const char *path, char *out, size_t size)
{
    char link[64];
    ssize_t len = 0;
    if (path[0] != '/') {
        snprintf(link, sizeof(link), folder == AT_FDCWD ? "/proc/self/cwd" : "/proc/self/fd/%d",
                 folder);
        len = readlink(link, out, size - 1);
    }
    len = len < 0 ? 0 : len;
    snprintf(out + len, size - (size_t)len, "%s%s", len ? "/" : "", path);
}

static void describe(const struct watched *w, long a, long b, char *out, size_t size)
{
    switch (w->object) {
    case OBJECT_PATH:
        describe_at(AT_FDCWD, a ? (const char *)a : "", out, size);
        break;
    case OBJECT_PATH_AT:
        describe_at((int)a, b ? (const char *)b : "", out, size);
        break;
    case OBJECT_FAMILY:
        snprintf(out, size, "%s", family_name(a));
        break;
    case OBJECT_PROCESS:
        snprintf(out, size, "%ld", a);
        break;
    default:
        out[0] = '\0';
    }
}

#if defined(__x86_64__)
#define REGISTER(context, n) ((context)->uc_mcontext.gregs[n])
#define ARGUMENTS(c)                                                                               \
    {                                                                                              \
        REGISTER(c, REG_RDI), REGISTER(c, REG_RSI), REGISTER(c, REG_RDX), REGISTER(c, REG_R10),    \
            REGISTER(c, REG_R8)                                                                    \
    }
#define RESULT(c) REGISTER(c, REG_RAX)
#else
#define ARGUMENTS(c)                                                                               \
    {                                                                                              \
        (long)(c)->uc_mcontext.regs[0], (long)(c)->uc_mcontext.regs[1],                            \
            (long)(c)->uc_mcontext.regs[2], (long)(c)->uc_mcontext.regs[3],                        \
            (long)(c)->uc_mcontext.regs[4]                                                         \
    }
#define RESULT(c) ((c)->uc_mcontext.regs[0])
#endif

static void handle(int signal, siginfo_t *info, void *memory)
{
    ucontext_t *context = memory;
    long number = info->si_syscall;
    long args[5] = ARGUMENTS(context);
    char object[256];
    int saved = errno;
    long result = -EPERM;
    (void)signal;
    for (size_t i = 0; i < COUNT(watched); i++)
        if (watched[i].number == number) {
            describe(&watched[i], args[0], args[1], object, sizeof(object));
            if (watch.told(watch.arg, watched[i].what, object) && watched[i].scope == WATCH_WORLD)
                result = watch_syscall(number, args[0], args[1], args[2], args[3], args[4]);
            else if (watched[i].scope == WATCH_WORLD)
                result = -EACCES;
        }
    for (size_t i = 0; i < COUNT(signals); i++)
        if (signals[i] == number) {
            snprintf(object, sizeof(object), "%ld", args[0]);
            watch.told(watch.arg, "send a signal to the process", object);
        }
    if (number == SYS_clone)
        watch.told(watch.arg, "start a process", "");
    RESULT(context) = (__typeof__(RESULT(context)))result;
    errno = saved;
}

#define LOAD(field)                                                                                \
    BPF_STMT(BPF_LD | BPF_W | BPF_ABS, (uint32_t)offsetof(struct seccomp_data, field))
#define LOAD_AT(field, more)                                                                       \
    BPF_STMT(BPF_LD | BPF_W | BPF_ABS, (uint32_t)(offsetof(struct seccomp_data, field) + (more)))
#define IF_EQUAL(value, yes, no) BPF_JUMP(BPF_JMP | BPF_JEQ | BPF_K, (value), (yes), (no))
#define RETURN(action) BPF_STMT(BPF_RET | BPF_K, (action))

struct program {
    struct sock_filter code[128];
    unsigned short len;
};

static void put(struct program *p, struct sock_filter statement)
{
    if (p->len < COUNT(p->code))
        p->code[p->len++] = statement;
}

static void put_beginning(struct program *p)
{
    uint64_t done = (uint64_t)(uintptr_t)watch_syscall_done;
    put(p, (struct sock_filter)LOAD(arch));
    put(p, (struct sock_filter)IF_EQUAL(WATCH_ARCH, 1, 0));
    put(p, (struct sock_filter)RETURN(SECCOMP_RET_KILL_PROCESS));
    put(p, (struct sock_filter)LOAD_AT(instruction_pointer, 4));
    put(p, (struct sock_filter)IF_EQUAL((uint32_t)(done >> 32), 0, 3));
    put(p, (struct sock_filter)LOAD_AT(instruction_pointer, 0));
    put(p, (struct sock_filter)IF_EQUAL((uint32_t)done, 0, 1));
    put(p, (struct sock_filter)RETURN(SECCOMP_RET_ALLOW));
    put(p, (struct sock_filter)LOAD(nr));
}

/* Threads are let be; a clone3 hides its flags in memory, so the C library is sent to clone. */
static void put_clones(struct program *p)
{
#ifdef SYS_clone3
    put(p, (struct sock_filter)IF_EQUAL(SYS_clone3, 0, 1));
    put(p, (struct sock_filter)RETURN(SECCOMP_RET_ERRNO | ENOSYS));
#endif
    put(p, (struct sock_filter)IF_EQUAL(SYS_clone, 0, 4));
    put(p, (struct sock_filter)LOAD(args[0]));
    put(p, (struct sock_filter)BPF_JUMP(BPF_JMP | BPF_JSET | BPF_K, CLONE_THREAD, 0, 1));
    put(p, (struct sock_filter)RETURN(SECCOMP_RET_ALLOW));
    put(p, (struct sock_filter)RETURN(SECCOMP_RET_TRAP));
}

static void put_signals(struct program *p)
{
    uint32_t own = (uint32_t)getpid();
    for (size_t i = 0; i < COUNT(signals); i++) {
        put(p, (struct sock_filter)IF_EQUAL((uint32_t)signals[i], 0, 4));
        put(p, (struct sock_filter)LOAD(args[0]));
        put(p, (struct sock_filter)IF_EQUAL(own, 0, 1));
        put(p, (struct sock_filter)RETURN(SECCOMP_RET_ALLOW));
        put(p, (struct sock_filter)RETURN(SECCOMP_RET_TRAP));
    }
}

bool watch_begin(enum watch_scope scope, watch_fn told, void *arg)
{
    struct program p = {.len = 0};
    struct sigaction action = {.sa_sigaction = handle, .sa_flags = SA_SIGINFO | SA_NODEFER};
    watch.told = told;
    watch.arg = arg;
    put_beginning(&p);
    put_clones(&p);
    put_signals(&p);
    for (size_t i = 0; i < COUNT(watched); i++)
        if (watched[i].scope <= scope) {
            put(&p, (struct sock_filter)IF_EQUAL((uint32_t)watched[i].number, 0, 1));
            put(&p, (struct sock_filter)RETURN(SECCOMP_RET_TRAP));
        }
    put(&p, (struct sock_filter)RETURN(SECCOMP_RET_ALLOW));
    const struct sock_fprog filter = {.len = p.len, .filter = p.code};
    return sigaction(SIGSYS, &action, NULL) == 0 && prctl(PR_SET_NO_NEW_PRIVS, 1, 0, 0, 0) == 0 &&
           syscall(SYS_seccomp, SECCOMP_SET_MODE_FILTER, SECCOMP_FILTER_FLAG_TSYNC, &filter) == 0;
}

#endif
