/* Parts of the kernel that a plugin must not reach. */
#include "tests/adapters/plugin_host/sandbox/stage.h"

#include <fcntl.h>
#include <linux/bpf.h>
#include <linux/keyctl.h>
#include <sched.h>
#include <sys/ioctl.h>
#include <sys/mount.h>
#include <sys/personality.h>
#include <sys/prctl.h>
#include <sys/shm.h>
#include <sys/syscall.h>

/* No address: what is refused for another reason is refused for it first. */
#define NOWHERE ((void *)8)

static int mount_something(const struct stage *stage)
{
    (void)stage;
    return TRY(mount(NULL, "/", NOWHERE, 0, NULL));
}

static int unmount(const struct stage *stage)
{
    (void)stage;
    return TRY(umount2("/", -1));
}

static int open_tree_of_mounts(const struct stage *stage)
{
    (void)stage;
    return TRY(syscall(SYS_open_tree, AT_FDCWD, "/", 0));
}

static int change_root(const struct stage *stage)
{
    (void)stage;
    return TRY(chroot("/no/such/folder"));
}

static int leave_namespaces(const struct stage *stage)
{
    (void)stage;
    return TRY(unshare(CLONE_FS));
}

static int make_user_namespace(const struct stage *stage)
{
    (void)stage;
    return TRY(unshare(CLONE_NEWUSER));
}

static int enter_namespace(const struct stage *stage)
{
    (void)stage;
    return TRY(setns(-1, 0));
}

static int load_bpf(const struct stage *stage)
{
    union bpf_attr attr;
    (void)stage;
    memset(&attr, 0, sizeof(attr));
    return TRY(syscall(SYS_bpf, BPF_MAP_CREATE, &attr, sizeof(attr)));
}

static int use_keyring(const struct stage *stage)
{
    (void)stage;
    return TRY(syscall(SYS_keyctl, KEYCTL_GET_KEYRING_ID, KEY_SPEC_PROCESS_KEYRING, 1));
}

static int add_key(const struct stage *stage)
{
    (void)stage;
    return TRY(syscall(SYS_add_key, "user", "hexmcp", "x", 1, KEY_SPEC_PROCESS_KEYRING));
}

static int measure(const struct stage *stage)
{
    (void)stage;
    return TRY(syscall(SYS_perf_event_open, NOWHERE, 0, -1, -1, 0));
}

static int handle_page_faults(const struct stage *stage)
{
    (void)stage;
    return TRY(syscall(SYS_userfaultfd, 1)); /* for faults of this process's own code only */
}

static int make_ring(const struct stage *stage)
{
    (void)stage;
    return TRY(syscall(SYS_io_uring_setup, 0, NULL));
}

static int become_user(const struct stage *stage)
{
    (void)stage;
    return TRY(setuid(getuid()));
}

static int become_group(const struct stage *stage)
{
    (void)stage;
    return TRY(setresgid(getgid(), getgid(), getgid()));
}

/* Even asking for it. */
static int change_personality(const struct stage *stage)
{
    (void)stage;
    return TRY(personality(0xffffffff));
}

static int become_dumpable(const struct stage *stage)
{
    (void)stage;
    return TRY(prctl(PR_SET_DUMPABLE, 1, 0, 0, 0));
}

static int outlive_parent(const struct stage *stage)
{
    (void)stage;
    return TRY(prctl(PR_SET_PDEATHSIG, 0, 0, 0, 0));
}

static int type_into_terminal(const struct stage *stage)
{
    return TRY(ioctl(stage->pair[0], TIOCSTI, "x"));
}

/* The same with bits that the kernel ignores. */
static int type_with_high_bits(const struct stage *stage)
{
    return TRY(syscall(SYS_ioctl, stage->pair[0], (1L << 32) | TIOCSTI, "x"));
}

static int share_memory_by_key(const struct stage *stage)
{
    (void)stage;
    return TRY(shmget(IPC_PRIVATE, 0, 0600));
}

static int open_queue(const struct stage *stage)
{
    (void)stage;
    return TRY(syscall(SYS_mq_open, "hexmcp-no-such-queue", O_RDONLY, 0, NULL));
}

static int make_secret_memory(const struct stage *stage)
{
    (void)stage;
    return TRY(syscall(SYS_memfd_secret, -1));
}

static int set_time(const struct stage *stage)
{
    (void)stage;
    return TRY(syscall(SYS_settimeofday, NOWHERE, NULL));
}

static int restart_machine(const struct stage *stage)
{
    (void)stage;
    return TRY(syscall(SYS_reboot, 0, 0, 0, NULL)); /* wrong magic numbers */
}

static int load_module(const struct stage *stage)
{
    (void)stage;
    return TRY(syscall(SYS_finit_module, -1, "", 0));
}

static int add_filter(const struct stage *stage)
{
    (void)stage;
    return TRY(syscall(SYS_seccomp, 2 /* whether an action is there */, 0, NOWHERE));
}

/* A number that no kernel knows is no crime: newer libraries ask and do without. */
static int call_the_future(const struct stage *stage)
{
    (void)stage;
    return TRY(syscall(451, -1, NOWHERE, NOWHERE, 0)); /* cachestat, of Linux 6.5 */
}

#define MOUNT "tried to change what is mounted"
#define NAMESPACE "tried to enter or make a namespace"
#define KEYRING "tried to use the kernel's keyring"
#define USER "tried to become another user"
#define SYSTEM "tried to change the system"

static const struct attack attacks[] = {
    {"mount", mount_something, EPERM, MOUNT, CONTROL_DIFFERS, 0},
    {"umount", unmount, EPERM, MOUNT, CONTROL_DIFFERS, 0},
    {"open_tree", open_tree_of_mounts, EPERM, MOUNT, 0, 0},
    {"chroot", change_root, EPERM, "tried to change its root folder", ENOENT, 0},
    {"unshare", leave_namespaces, EPERM, NAMESPACE, 0, 0},
    {"unshare of users", make_user_namespace, EPERM, NAMESPACE, CONTROL_DIFFERS, 0},
    {"setns", enter_namespace, EPERM, NAMESPACE, EBADF, 0},
    {"bpf", load_bpf, EPERM, "tried to load a program into the kernel", CONTROL_DIFFERS, 0},
    {"keyctl", use_keyring, EPERM, KEYRING, CONTROL_DIFFERS, 0},
    {"add_key", add_key, EPERM, KEYRING, CONTROL_DIFFERS, 0},
    {"perf_event_open", measure, EPERM, "tried to measure the processor or the kernel",
     CONTROL_DIFFERS, 0},
    {"userfaultfd", handle_page_faults, EPERM, "tried to handle page faults", CONTROL_DIFFERS, 0},
    {"setuid", become_user, EPERM, USER, 0, 0},
    {"setresgid", become_group, EPERM, USER, 0, 0},
    {"personality", change_personality, EPERM, NULL, 0, 0},
    {"becoming dumpable", become_dumpable, EPERM, NULL, 0, 0},
    {"outliving the parent", outlive_parent, EPERM, NULL, 0, 0},
    {"typing into a terminal", type_into_terminal, EPERM, NULL, CONTROL_DIFFERS, 0},
    {"typing with more bits than a command has", type_with_high_bits, EPERM, NULL,
     CONTROL_DIFFERS, 0},
    {"shared memory by key", share_memory_by_key, EPERM, NULL, EINVAL, 0},
    {"a message queue", open_queue, EPERM, NULL, CONTROL_DIFFERS, 0},
    {"memory that the kernel does not see", make_secret_memory, EPERM, NULL, CONTROL_DIFFERS, 0},
    {"setting the time", set_time, EPERM, SYSTEM, EFAULT, 0},
    {"restarting the machine", restart_machine, EPERM, SYSTEM, CONTROL_DIFFERS, 0},
    {"loading a module", load_module, EPERM, SYSTEM, CONTROL_DIFFERS, 0},
    {"another filter", add_filter, EPERM, NULL, EFAULT, 0},
    {"a call that is newer than the filter", call_the_future, ENOSYS, NULL, CONTROL_DIFFERS, 0},
    {"io_uring", make_ring, EPERM, NULL, CONTROL_DIFFERS, 0},
};

int main(void)
{
    return stage_attacks("kernel", attacks, sizeof(attacks) / sizeof(attacks[0]));
}
