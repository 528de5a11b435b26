#include "adapters/driven/plugin_host/sandbox/filter_rules.h"

#include <fcntl.h>
#include <linux/prctl.h>
#include <netinet/tcp.h>
#include <sched.h>
#include <sys/ioctl.h>
#include <sys/resource.h>
#include <sys/socket.h>
#include <termios.h>

const char *const filter_allowed[] = {
    /* memory */
    "brk", "madvise", "membarrier", "memfd_create", "mincore", "mlock", "mlock2", "mmap", "mprotect",
    "mremap", "msync", "munlock", "munmap", "pkey_alloc", "pkey_free", "pkey_mprotect",
    /* threads, and the end of the process */
    "exit", "exit_group", "futex", "futex_waitv", "getcpu", "gettid", "restart_syscall", "rseq",
    "sched_get_priority_max", "sched_get_priority_min", "sched_getaffinity", "sched_getattr",
    "sched_getparam", "sched_getscheduler", "sched_rr_get_interval", "sched_yield",
    "set_robust_list", "set_tid_address", "setrlimit", "wait4", "waitid",
    /* time */
    "alarm", "clock_getres", "clock_gettime", "clock_nanosleep", "getitimer", "gettimeofday",
    "nanosleep", "setitimer", "time", "timer_create", "timer_delete", "timer_getoverrun",
    "timer_gettime", "timer_settime", "timerfd_create", "timerfd_gettime", "timerfd_settime", "times",
    /* its own signals */
    "pause", "rt_sigaction", "rt_sigpending", "rt_sigprocmask", "rt_sigreturn", "rt_sigsuspend",
    "rt_sigtimedwait", "sigaltstack", "signalfd", "signalfd4",
    /* what it is and where it runs */
    "capget", "getegid", "geteuid", "getgid", "getgroups", "getpgid", "getpgrp", "getpid", "getppid",
    "getpriority", "getrandom", "getresgid", "getresuid", "getrlimit", "getrusage", "getsid",
    "getuid", "sysinfo", "umask", "uname",
    /* descriptors */
    "close", "close_range", "copy_file_range", "dup", "dup2", "dup3", "epoll_create", "epoll_create1",
    "epoll_ctl", "epoll_pwait", "epoll_pwait2", "epoll_wait", "eventfd", "eventfd2", "fadvise64",
    "fallocate", "fdatasync", "fgetxattr", "flistxattr", "flock", "fstat", "fstatfs", "fsync",
    "ftruncate", "lseek", "pipe", "pipe2", "poll", "ppoll", "pread64", "preadv", "preadv2",
    "pselect6", "pwrite64", "pwritev", "pwritev2", "read", "readahead", "readv", "select", "sendfile",
    "splice", "sync_file_range", "tee", "write", "writev",
    /* connections that somebody handed over */
    "getpeername", "getsockname", "getsockopt", "recvfrom", "recvmmsg", "recvmsg", "shutdown",
    /* paths: Landlock decides about all that opens or changes something */
    "access", "chdir", "creat", "faccessat", "faccessat2", "fchdir", "getcwd", "getdents",
    "getdents64", "link", "linkat", "lstat", "mkdir", "mkdirat", "newfstatat", "open", "openat",
    "openat2", "readlink", "readlinkat", "rename", "renameat", "renameat2", "rmdir", "stat", "statfs",
    "statx", "truncate", "unlink", "unlinkat",
    NULL,
};

#define IF(argument_, value_) {.argument = (argument_), .value = (value_)}
#define UNLESS(argument_, value_) {.argument = (argument_), .value = (value_), .differs = 1}
#define BITS(argument_, mask_, value_) \
    {.argument = (argument_), .mask = (mask_), .value = (value_)}

#define RULE(call_, verdict_, ...)                                                  \
    {.call = (call_),                                                               \
     .verdict = (verdict_),                                                         \
     .condition_count = sizeof((struct filter_condition[]){__VA_ARGS__}) /          \
                        sizeof(struct filter_condition),                            \
     .conditions = {__VA_ARGS__}}
#define ALLOW(call_, ...) RULE(call_, FILTER_ALLOW, __VA_ARGS__)
#define OBSERVE(call_, ...) RULE(call_, FILTER_OBSERVE, __VA_ARGS__)

/* In <asm/prctl.h>, which only machines of that kind have. */
enum { GET_XCOMP_SUPPORT = 0x1021, GET_XCOMP_PERMISSION = 0x1022, ASK_XCOMP_PERMISSION = 0x1023 };

#define SOCKET_TYPE 0xfu /* the rest of the argument is flags */
#define WHOLE_INT 0xffffffffu

/* A thread shares all that it can share and gets no namespace of its own. */
#define THREAD_FLAGS (CLONE_VM | CLONE_FS | CLONE_FILES | CLONE_SIGHAND | CLONE_SYSVSEM | CLONE_THREAD)
#define PROCESS_FLAGS                                                                      \
    (CLONE_VFORK | CLONE_PTRACE | CLONE_UNTRACED | CLONE_PIDFD | CLONE_PARENT | CLONE_IO | \
     CLONE_NEWNS | CLONE_NEWCGROUP | CLONE_NEWUTS | CLONE_NEWIPC | CLONE_NEWUSER |         \
     CLONE_NEWPID | CLONE_NEWNET)

const struct filter_rule filter_rules[] = {
    /* libc asks for clone3 first, whose flags lie in memory where no filter sees them. */
    {.call = "clone3", .verdict = FILTER_NOT_THERE},
    ALLOW("clone", BITS(0, THREAD_FLAGS | PROCESS_FLAGS, THREAD_FLAGS)),
    /* With CLONE_VFORK it comes from posix_spawn, which has every signal blocked: no record. */
    OBSERVE("clone", BITS(0, CLONE_THREAD | CLONE_VFORK, 0)),

    ALLOW("kill", IF(0, FILTER_OWN_PID)),
    OBSERVE("kill", UNLESS(0, FILTER_OWN_PID)),
    ALLOW("tgkill", IF(0, FILTER_OWN_PID)),
    OBSERVE("tgkill", UNLESS(0, FILTER_OWN_PID)),
    ALLOW("rt_sigqueueinfo", IF(0, FILTER_OWN_PID)),
    OBSERVE("rt_sigqueueinfo", UNLESS(0, FILTER_OWN_PID)),
    ALLOW("rt_tgsigqueueinfo", IF(0, FILTER_OWN_PID)),
    OBSERVE("rt_tgsigqueueinfo", UNLESS(0, FILTER_OWN_PID)),

    /* 0 is the caller; another process could be slowed down or starved. */
    ALLOW("prlimit64", IF(0, 0)),
    ALLOW("prlimit64", IF(0, FILTER_OWN_PID)),
    ALLOW("sched_setaffinity", IF(0, 0)),
    ALLOW("sched_setscheduler", IF(0, 0)),
    ALLOW("sched_setparam", IF(0, 0)),
    ALLOW("setpriority", IF(0, PRIO_PROCESS), IF(1, 0)),

    /* A pair that is connected for ever reaches nobody. A datagram socket could address anybody. */
    ALLOW("socketpair", IF(0, AF_UNIX), BITS(1, SOCKET_TYPE, SOCK_STREAM)),
    ALLOW("socketpair", IF(0, AF_UNIX), BITS(1, SOCKET_TYPE, SOCK_SEQPACKET)),
    ALLOW("sendto", IF(4, 0)),
    OBSERVE("sendto", UNLESS(4, 0)),
    /* MSG_FASTOPEN connects. */
    ALLOW("sendmsg", BITS(2, MSG_FASTOPEN, 0)),
    OBSERVE("sendmsg", BITS(2, MSG_FASTOPEN, MSG_FASTOPEN)),
    ALLOW("sendmmsg", BITS(3, MSG_FASTOPEN, 0)),
    OBSERVE("sendmmsg", BITS(3, MSG_FASTOPEN, MSG_FASTOPEN)),
    ALLOW("setsockopt", IF(1, SOL_SOCKET), IF(2, SO_KEEPALIVE)),
    ALLOW("setsockopt", IF(1, SOL_SOCKET), IF(2, SO_LINGER)),
    ALLOW("setsockopt", IF(1, SOL_SOCKET), IF(2, SO_RCVBUF)),
    ALLOW("setsockopt", IF(1, SOL_SOCKET), IF(2, SO_RCVLOWAT)),
    ALLOW("setsockopt", IF(1, SOL_SOCKET), IF(2, SO_RCVTIMEO)),
    ALLOW("setsockopt", IF(1, SOL_SOCKET), IF(2, SO_SNDBUF)),
    ALLOW("setsockopt", IF(1, SOL_SOCKET), IF(2, SO_SNDTIMEO)),
    ALLOW("setsockopt", IF(1, SOL_TCP), IF(2, TCP_CORK)),
    ALLOW("setsockopt", IF(1, SOL_TCP), IF(2, TCP_KEEPCNT)),
    ALLOW("setsockopt", IF(1, SOL_TCP), IF(2, TCP_KEEPIDLE)),
    ALLOW("setsockopt", IF(1, SOL_TCP), IF(2, TCP_KEEPINTVL)),
    ALLOW("setsockopt", IF(1, SOL_TCP), IF(2, TCP_NODELAY)),
    ALLOW("setsockopt", IF(1, SOL_TCP), IF(2, TCP_QUICKACK)),
    ALLOW("setsockopt", IF(1, SOL_TCP), IF(2, TCP_USER_TIMEOUT)),

    /* Without those that send signals to an owner (F_SETOWN, F_NOTIFY, leases). */
    ALLOW("fcntl", IF(1, F_DUPFD)),
    ALLOW("fcntl", IF(1, F_DUPFD_CLOEXEC)),
    ALLOW("fcntl", IF(1, F_GETFD)),
    ALLOW("fcntl", IF(1, F_SETFD)),
    ALLOW("fcntl", IF(1, F_GETFL)),
    ALLOW("fcntl", IF(1, F_SETFL)),
    ALLOW("fcntl", IF(1, F_GETLK)),
    ALLOW("fcntl", IF(1, F_SETLK)),
    ALLOW("fcntl", IF(1, F_SETLKW)),
    ALLOW("fcntl", IF(1, F_OFD_GETLK)),
    ALLOW("fcntl", IF(1, F_OFD_SETLK)),
    ALLOW("fcntl", IF(1, F_OFD_SETLKW)),
    ALLOW("fcntl", IF(1, F_GETPIPE_SZ)),
    ALLOW("fcntl", IF(1, F_SETPIPE_SZ)),
    ALLOW("fcntl", IF(1, F_ADD_SEALS)),
    ALLOW("fcntl", IF(1, F_GET_SEALS)),

    /* Whether it is a terminal, how much there is to read. Never TIOCSTI, which types into one. */
    ALLOW("ioctl", BITS(1, WHOLE_INT, FIOCLEX)),
    ALLOW("ioctl", BITS(1, WHOLE_INT, FIONCLEX)),
    ALLOW("ioctl", BITS(1, WHOLE_INT, FIONBIO)),
    ALLOW("ioctl", BITS(1, WHOLE_INT, FIONREAD)),
    ALLOW("ioctl", BITS(1, WHOLE_INT, TCGETS)),
    ALLOW("ioctl", BITS(1, WHOLE_INT, TIOCGWINSZ)),

    ALLOW("prctl", IF(0, PR_SET_NAME)),
    ALLOW("prctl", IF(0, PR_GET_NAME)),
    ALLOW("prctl", IF(0, PR_GET_DUMPABLE)),
    ALLOW("prctl", IF(0, PR_GET_NO_NEW_PRIVS)),
    ALLOW("prctl", IF(0, PR_GET_SECCOMP)),
    ALLOW("prctl", IF(0, PR_GET_TIMERSLACK)),
    ALLOW("prctl", IF(0, PR_SET_TIMERSLACK)),
    ALLOW("prctl", IF(0, PR_SVE_GET_VL)),
    ALLOW("prctl", IF(0, PR_SME_GET_VL)),
    ALLOW("prctl", IF(0, PR_SET_VMA)),
    /* Matrix registers of x86 processors. */
    ALLOW("arch_prctl", IF(0, GET_XCOMP_SUPPORT)),
    ALLOW("arch_prctl", IF(0, GET_XCOMP_PERMISSION)),
    ALLOW("arch_prctl", IF(0, ASK_XCOMP_PERMISSION)),
};

const size_t filter_rule_count = sizeof(filter_rules) / sizeof(filter_rules[0]);

#define NETWORK "tried to open a socket"
#define START_PROCESS "tried to start a process"
#define START_PROGRAM "tried to start a program"
#define OTHER_MEMORY "tried to reach into another process"
#define SIGNAL "tried to send a signal to another process"
#define MOUNT "tried to change what is mounted"
#define NAMESPACE "tried to enter or make a namespace"
#define KEYRING "tried to use the kernel's keyring"
#define USER "tried to become another user"
#define SYSTEM "tried to change the system"
#define MODE "tried to change the mode or the owner of a file"
#define ATTRIBUTE "tried to change the times or the attributes of a file"
#define NODE "tried to make a link, a device or a pipe in a folder"
#define WATCH "tried to watch files"

const struct filter_words filter_observed[] = {
    {"socket", NETWORK},
    {"connect", "tried to connect a socket"},
    {"bind", "tried to give a socket an address"},
    {"listen", "tried to accept connections"},
    {"accept", "tried to accept connections"},
    {"accept4", "tried to accept connections"},
    {"sendto", "tried to send to an address of its choice"},
    {"sendmsg", "tried to connect a socket"},
    {"sendmmsg", "tried to connect a socket"},
    {"execve", START_PROGRAM},
    {"execveat", START_PROGRAM},
    {"fork", START_PROCESS},
    {"vfork", START_PROCESS},
    {"clone", START_PROCESS},
    {"ptrace", OTHER_MEMORY},
    {"process_vm_readv", OTHER_MEMORY},
    {"process_vm_writev", OTHER_MEMORY},
    {"process_madvise", OTHER_MEMORY},
    {"pidfd_open", OTHER_MEMORY},
    {"pidfd_getfd", OTHER_MEMORY},
    {"kcmp", OTHER_MEMORY},
    {"kill", SIGNAL},
    {"tkill", SIGNAL},
    {"tgkill", SIGNAL},
    {"rt_sigqueueinfo", SIGNAL},
    {"rt_tgsigqueueinfo", SIGNAL},
    {"pidfd_send_signal", SIGNAL},
    {"mount", MOUNT},
    {"umount2", MOUNT},
    {"pivot_root", MOUNT},
    {"move_mount", MOUNT},
    {"open_tree", MOUNT},
    {"fsopen", MOUNT},
    {"fsmount", MOUNT},
    {"fspick", MOUNT},
    {"fsconfig", MOUNT},
    {"mount_setattr", MOUNT},
    {"chroot", "tried to change its root folder"},
    {"unshare", NAMESPACE},
    {"setns", NAMESPACE},
    {"bpf", "tried to load a program into the kernel"},
    {"perf_event_open", "tried to measure the processor or the kernel"},
    {"userfaultfd", "tried to handle page faults"},
    {"keyctl", KEYRING},
    {"add_key", KEYRING},
    {"request_key", KEYRING},
    {"open_by_handle_at", "tried to open a file by its handle"},
    {"name_to_handle_at", "tried to open a file by its handle"},
    {"setuid", USER},
    {"setgid", USER},
    {"setreuid", USER},
    {"setregid", USER},
    {"setresuid", USER},
    {"setresgid", USER},
    {"setfsuid", USER},
    {"setfsgid", USER},
    {"setgroups", USER},
    {"capset", USER},
    {"reboot", SYSTEM},
    {"kexec_load", SYSTEM},
    {"kexec_file_load", SYSTEM},
    {"init_module", SYSTEM},
    {"finit_module", SYSTEM},
    {"delete_module", SYSTEM},
    {"swapon", SYSTEM},
    {"swapoff", SYSTEM},
    {"settimeofday", SYSTEM},
    {"clock_settime", SYSTEM},
    {"sethostname", SYSTEM},
    {"setdomainname", SYSTEM},
    {"chmod", MODE},
    {"fchmod", MODE},
    {"fchmodat", MODE},
    {"chown", MODE},
    {"fchown", MODE},
    {"fchownat", MODE},
    {"lchown", MODE},
    {"utime", ATTRIBUTE},
    {"utimes", ATTRIBUTE},
    {"utimensat", ATTRIBUTE},
    {"futimesat", ATTRIBUTE},
    {"setxattr", ATTRIBUTE},
    {"lsetxattr", ATTRIBUTE},
    {"fsetxattr", ATTRIBUTE},
    {"removexattr", ATTRIBUTE},
    {"lremovexattr", ATTRIBUTE},
    {"fremovexattr", ATTRIBUTE},
    {"symlink", NODE},
    {"symlinkat", NODE},
    {"mknod", NODE},
    {"mknodat", NODE},
    {"inotify_add_watch", WATCH},
    {"fanotify_init", WATCH},
    {"fanotify_mark", WATCH},
    {NULL, NULL},
};
