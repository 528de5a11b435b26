#include "adapters/driven/plugin_host/sandbox/program.h"

#include <errno.h>
#include <fcntl.h>
#include <linux/audit.h>
#include <linux/capability.h>
#include <linux/seccomp.h>
#include <stdlib.h>
#include <string.h>
#include <sys/prctl.h>
#include <sys/syscall.h>
#include <unistd.h>

#include "adapters/driven/plugin_host/sandbox/files.h"
#include "adapters/driven/plugin_host/sandbox/filter.h"
#include "core/base/str.h"

#ifdef __x86_64__
#define OWN_ARCHITECTURE AUDIT_ARCH_X86_64
#define COUNT_FIRST 22
#define SET_FS 0x1002 /* in <asm/prctl.h>: where the data of the first thread is */
#else
#define OWN_ARCHITECTURE AUDIT_ARCH_AARCH64
#define COUNT_FIRST 17
#endif

/* ---- files ---------------------------------------------------------------------------------- */

/* The kernel opens them for the program, to be executed. */
static const char *const loaders[] = {
    "/lib64/ld-linux-x86-64.so.2", "/lib/ld-linux-aarch64.so.1", "/lib/ld-musl-x86_64.so.1",
    "/lib/ld-musl-aarch64.so.1"};
static const char *const readable_devices[] = {"/dev/zero", "/dev/random", "/dev/urandom"};
static const struct str sets[] = {STR_INIT("libraries"), STR_INIT("locales"), STR_INIT("timezones")};

#define COUNT(list) (sizeof(list) / sizeof((list)[0]))
#define STARTING (LANDLOCK_ACCESS_FS_EXECUTE | LANDLOCK_ACCESS_FS_READ_FILE)
#define USING (LANDLOCK_ACCESS_FS_READ_FILE | LANDLOCK_ACCESS_FS_WRITE_FILE | LANDLOCK_ACCESS_FS_TRUNCATE)

static int allow_system(int ruleset, uint64_t handled, struct error *err)
{
    int rc = files_allow_system(ruleset, sets, COUNT(sets), READING & handled, err);
    for (size_t i = 0; !rc && i < COUNT(loaders); i++)
        rc = files_allow_path(ruleset, loaders[i], STARTING & handled, true, err);
    for (size_t i = 0; !rc && i < COUNT(readable_devices); i++)
        rc = files_allow_path(ruleset, readable_devices[i], READING & handled, true, err);
    return rc ? rc : files_allow_path(ruleset, "/dev/null", USING & handled, true, err);
}

static int allow_all(int ruleset, const struct sandbox_program_plan *plan, uint64_t handled,
                     struct error *err)
{
    int rc = allow_system(ruleset, handled, err);
    if (!rc)
        rc = files_allow(ruleset, plan->program, "the program", STARTING & handled, err);
    if (!rc && plan->script)
        rc = files_allow_path(ruleset, plan->script, READING & handled, false, err);
    if (!rc)
        rc = files_allow_path(ruleset, plan->own, WRITING & handled, false, err);
    for (size_t i = 0; !rc && i < plan->folder_count; i++)
        rc = files_allow(ruleset, plan->folders[i].fd, "a granted folder",
                         (plan->folders[i].write ? WRITING : READING) & handled, err);
    return rc;
}

static int make_ruleset(const struct sandbox_program_plan *plan, int *out, struct error *err)
{
    struct sandbox_report report = {.landlock_abi = files_landlock_revision()};
    struct missing missing = {&report, false, err};
    uint64_t handled;
    int ruleset;
    if (report.landlock_abi == 0)
        return error_set(err, ST_UNAVAILABLE,
                         "this kernel has no Landlock (it came with Linux 5.13, and can be switched "
                         "off), without which a program cannot be kept from files; it is not started");
    int rc = files_ruleset(&missing, &handled, &ruleset, err);
    if (rc)
        return rc;
    rc = allow_all(ruleset, plan, handled, err);
    if (rc)
        close(ruleset);
    else
        *out = ruleset;
    return rc;
}

/* ---- system calls --------------------------------------------------------------------------- */

#define NUMBER offsetof(struct seccomp_data, nr)
#define ARGUMENT(n) (offsetof(struct seccomp_data, args) + (n) * sizeof(uint64_t))

/* A call that is allowed here if its argument is this one; what follows else is 3 further. */
#define IF_CALL(call, argument, value) \
    BPF_STMT(BPF_LD | BPF_W | BPF_ABS, NUMBER), BPF_JUMP(BPF_JMP | BPF_JEQ | BPF_K, call, 0, 3), \
        BPF_STMT(BPF_LD | BPF_W | BPF_ABS, ARGUMENT(argument)), \
        BPF_JUMP(BPF_JMP | BPF_JEQ | BPF_K, value, 0, 1)
#define NO_ATTRIBUTES(call) \
    BPF_JUMP(BPF_JMP | BPF_JEQ | BPF_K, call, 0, 1), \
        BPF_STMT(BPF_RET | BPF_K, SECCOMP_RET_ERRNO | EOPNOTSUPP)

/* What stands before the filter of helpers: what a program needs to start, the one exec, and that there
 * are no extended attributes, for which programs such as ls ask and which Landlock does not see. */
static const struct sock_filter first[] = {
    BPF_STMT(BPF_LD | BPF_W | BPF_ABS, offsetof(struct seccomp_data, arch)),
    BPF_JUMP(BPF_JMP | BPF_JEQ | BPF_K, OWN_ARCHITECTURE, 0, COUNT_FIRST - 2),
#ifdef __x86_64__
    IF_CALL(SYS_arch_prctl, 0, SET_FS),
    BPF_STMT(BPF_RET | BPF_K, SECCOMP_RET_ALLOW),
#endif
    BPF_STMT(BPF_LD | BPF_W | BPF_ABS, NUMBER),
    NO_ATTRIBUTES(SYS_getxattr),
    NO_ATTRIBUTES(SYS_lgetxattr),
    NO_ATTRIBUTES(SYS_listxattr),
    NO_ATTRIBUTES(SYS_llistxattr),
    BPF_JUMP(BPF_JMP | BPF_JEQ | BPF_K, SYS_execveat, 0, 5),
    BPF_STMT(BPF_LD | BPF_W | BPF_ABS, ARGUMENT(0)),
    BPF_JUMP(BPF_JMP | BPF_JEQ | BPF_K, SANDBOX_PROGRAM_DESCRIPTOR, 0, 3),
    BPF_STMT(BPF_LD | BPF_W | BPF_ABS, ARGUMENT(4)),
    BPF_JUMP(BPF_JMP | BPF_JEQ | BPF_K, AT_EMPTY_PATH, 0, 1),
    BPF_STMT(BPF_RET | BPF_K, SECCOMP_RET_ALLOW),
};
_Static_assert(COUNT(first) == COUNT_FIRST, "other architectures go to the filter of helpers");

/* Nobody here catches the signal by which a helper tells what was refused. */
static void quieten(struct sock_filter *code, size_t count)
{
    for (size_t i = 0; i < count; i++)
        if (code[i].code == (BPF_RET | BPF_K) &&
            (code[i].k & SECCOMP_RET_ACTION_FULL) == SECCOMP_RET_TRAP)
            code[i].k = SECCOMP_RET_ERRNO | EPERM;
}

static int make_filter(struct sandbox_program *out, struct error *err)
{
    out->code_count = COUNT(first) + filter_code_count;
    out->code = calloc(out->code_count, sizeof(*out->code));
    if (!out->code)
        return error_set(err, ST_NOMEM, "out of memory");
    memcpy(out->code, first, sizeof(first));
    memcpy(out->code + COUNT(first), filter_code, filter_code_count * sizeof(*out->code));
    quieten(out->code + COUNT(first), filter_code_count);
    return ST_OK;
}

int sandbox_program_make(const struct sandbox_program_plan *plan, struct sandbox_program *out,
                         struct error *err)
{
    struct sandbox_program made = {.ruleset = -1};
    int rc = make_ruleset(plan, &made.ruleset, err);
    if (!rc)
        rc = make_filter(&made, err);
    if (rc)
        sandbox_program_clear(&made);
    else
        *out = made;
    return rc;
}

void sandbox_program_clear(struct sandbox_program *sandbox)
{
    if (sandbox->ruleset >= 0)
        close(sandbox->ruleset);
    free(sandbox->code);
    *sandbox = (struct sandbox_program){.ruleset = -1};
}

/* ---- in the child --------------------------------------------------------------------------- */

int sandbox_program_enter(const struct sandbox_program *sandbox)
{
    struct __user_cap_header_struct header = {.version = _LINUX_CAPABILITY_VERSION_3};
    struct __user_cap_data_struct none[_LINUX_CAPABILITY_U32S_3] = {{0}};
    struct sock_fprog filter = {(unsigned short)sandbox->code_count, sandbox->code};
    for (size_t i = 0; i < filter_own_pid_count; i++)
        sandbox->code[COUNT(first) + filter_own_pid[i]].k = (uint32_t)getpid();
    prctl(PR_CAP_AMBIENT, PR_CAP_AMBIENT_CLEAR_ALL, 0, 0, 0);
    if (syscall(SYS_landlock_restrict_self, sandbox->ruleset, 0) || syscall(SYS_capset, &header, none) ||
        syscall(SYS_seccomp, SECCOMP_SET_MODE_FILTER, 0, &filter))
        return errno;
    return 0;
}

int sandbox_program_start(char *const *arguments, char *const *environment)
{
    syscall(SYS_execveat, SANDBOX_PROGRAM_DESCRIPTOR, "", arguments, environment, AT_EMPTY_PATH);
    return errno;
}
